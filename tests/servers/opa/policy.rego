package loan

# what a validation sidecar asks before a model's answer goes out
default allow := false

allow if input.amount <= 50000
