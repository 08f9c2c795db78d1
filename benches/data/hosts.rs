//! What operating systems and clouds write, for rule sets made for them: mostly harmless, a little of it not.

use std::fmt::Write as _;

use super::{Body, Random, decision, time_of};

const IMAGES: [&str; 10] = [
    "C:\\\\Windows\\\\System32\\\\svchost.exe",
    "C:\\\\Windows\\\\System32\\\\cmd.exe",
    "C:\\\\Windows\\\\System32\\\\WindowsPowerShell\\\\v1.0\\\\powershell.exe",
    "C:\\\\Program Files\\\\Google\\\\Chrome\\\\Application\\\\chrome.exe",
    "C:\\\\Windows\\\\System32\\\\rundll32.exe",
    "C:\\\\Windows\\\\explorer.exe",
    "C:\\\\Program Files\\\\Git\\\\cmd\\\\git.exe",
    "C:\\\\Windows\\\\System32\\\\conhost.exe",
    "C:\\\\Users\\\\ana\\\\AppData\\\\Local\\\\Programs\\\\Python\\\\Python312\\\\python.exe",
    "C:\\\\Windows\\\\System32\\\\tasklist.exe",
];

const COMMANDS: [&str; 12] = [
    "C:\\\\Windows\\\\system32\\\\svchost.exe -k netsvcs -p -s Schedule",
    "cmd.exe /c dir C:\\\\build\\\\output",
    "git.exe fetch --all --prune",
    "chrome.exe --type=renderer --lang=en-GB --device-scale-factor=1",
    "python.exe train.py --epochs 20 --config configs/credit.yaml",
    "rundll32.exe shell32.dll,Control_RunDLL desk.cpl",
    "conhost.exe 0xffffffff -ForceV1",
    "tasklist.exe /fi \\\"status eq running\\\"",
    "explorer.exe /factory,{75dff2b7-6936-4c06-a8bb-676a7b00b24b} -Embedding",
    "powershell.exe -NoProfile -File C:\\\\scripts\\\\backup.ps1",
    "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA",
    "cmd.exe /c whoami /all > C:\\\\Users\\\\Public\\\\out.txt",
];

/// `count` events: processes, network connections, registry writes, logons and cloud calls, one in five a policy decision.
pub fn mixed(count: usize, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    (0..count)
        .map(|index| {
            let time = time_of(index as u64);
            match random.below(100) {
                0..=19 => decision(&mut random, &time, Body::WithLogsource, None),
                20..=59 => process(&mut random, &time),
                60..=69 => connection(&mut random, &time),
                70..=79 => registry(&mut random, &time),
                80..=89 => linux(&mut random, &time),
                _ => cloud(&mut random, &time),
            }
        })
        .collect()
}

fn process(random: &mut Random, time: &str) -> String {
    let mut out = String::with_capacity(900);
    let common = random.below(50) != 0;
    let command = if common { COMMANDS[random.below(10) as usize] } else { COMMANDS[10 + random.below(2) as usize] };
    let _ = write!(
        out,
        "{{\"timestamp\":\"{time}\",\"logsource\":{{\"category\":\"process_creation\",\"product\":\"windows\"}},\
         \"EventID\":1,\"ProcessId\":{},\"Image\":\"{}\",\"CommandLine\":\"{command}\",\"ParentImage\":\"{}\",\
         \"ParentCommandLine\":\"{}\",\"User\":\"CORP\\\\user{}\",\"IntegrityLevel\":\"{}\",\"CurrentDirectory\":\
         \"C:\\\\Windows\\\\system32\\\\\",\"Company\":\"Microsoft Corporation\",\"OriginalFileName\":\"app{}.exe\",\
         \"Hashes\":\"SHA256={:016x}{:016x}\",\"Computer\":\"ws{:03}.corp.example.com\"}}",
        random.below(60_000),
        random.pick(&IMAGES),
        random.pick(&IMAGES),
        random.pick(&COMMANDS[..10]),
        random.below(500),
        random.pick(&["Medium", "High", "System"]),
        random.below(50),
        random.next(),
        random.next(),
        random.below(300),
    );
    out
}

fn connection(random: &mut Random, time: &str) -> String {
    format!(
        "{{\"timestamp\":\"{time}\",\"logsource\":{{\"category\":\"network_connection\",\"product\":\"windows\"}},\
         \"EventID\":3,\"Image\":\"{}\",\"Initiated\":\"true\",\"Protocol\":\"tcp\",\"SourceIp\":\"10.0.{}.{}\",\
         \"DestinationIp\":\"{}.{}.{}.{}\",\"DestinationPort\":{},\"DestinationHostname\":\"host{}.example.com\",\
         \"User\":\"CORP\\\\user{}\"}}",
        random.pick(&IMAGES),
        random.below(256),
        random.below(256),
        random.pick(&["10", "52", "104", "172"]),
        random.below(256),
        random.below(256),
        random.below(256),
        random.pick(&["443", "443", "80", "445", "3389"]),
        random.below(5000),
        random.below(500)
    )
}

fn registry(random: &mut Random, time: &str) -> String {
    format!(
        "{{\"timestamp\":\"{time}\",\"logsource\":{{\"category\":\"registry_set\",\"product\":\"windows\"}},\
         \"EventID\":13,\"EventType\":\"SetValue\",\"Image\":\"{}\",\"TargetObject\":\"HKLM\\\\SOFTWARE\\\\Vendor{}\\\\Setting{}\",\
         \"Details\":\"DWORD (0x{:08x})\",\"User\":\"CORP\\\\user{}\"}}",
        random.pick(&IMAGES),
        random.below(100),
        random.below(20),
        random.below(100),
        random.below(500)
    )
}

fn linux(random: &mut Random, time: &str) -> String {
    let commands =
        ["ls -la /var/log", "python3 serve.py --port 8080", "curl -fsS http://localhost/health", "grep -r todo src"];
    format!(
        "{{\"timestamp\":\"{time}\",\"logsource\":{{\"category\":\"process_creation\",\"product\":\"linux\"}},\
         \"Image\":\"/usr/bin/{}\",\"CommandLine\":\"{}\",\"ParentImage\":\"/usr/bin/bash\",\"User\":\"svc{}\",\
         \"CurrentDirectory\":\"/srv/app\",\"ProcessId\":{}}}",
        random.pick(&["ls", "python3", "curl", "grep"]),
        random.pick(&commands),
        random.below(30),
        random.below(60_000)
    )
}

fn cloud(random: &mut Random, time: &str) -> String {
    format!(
        "{{\"timestamp\":\"{time}\",\"logsource\":{{\"product\":\"aws\",\"service\":\"cloudtrail\"}},\"eventVersion\":\"1.08\",\
         \"userIdentity\":{{\"type\":\"IAMUser\",\"userName\":\"user{}\",\"arn\":\"arn:aws:iam::123456789012:user/user{}\"}},\
         \"eventSource\":\"{}\",\"eventName\":\"{}\",\"awsRegion\":\"eu-central-1\",\"sourceIPAddress\":\"203.0.113.{}\",\
         \"userAgent\":\"aws-cli/2.15\",\"requestParameters\":{{\"bucketName\":\"data-{}\"}}}}",
        random.below(500),
        random.below(500),
        random.pick(&["s3.amazonaws.com", "sagemaker.amazonaws.com", "iam.amazonaws.com"]),
        random.pick(&["GetObject", "ListBuckets", "CreateEndpoint", "InvokeEndpoint", "DescribeModel"]),
        random.below(256),
        random.below(40)
    )
}
