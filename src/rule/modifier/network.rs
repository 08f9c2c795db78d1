//! `cidr`: an address in a network, version 4 or 6. An IPv4 address that is written as an IPv6 one is the IPv4 address.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Refusal;

/// A network, or a single address as the network of itself.
pub(in crate::rule) fn parse(text: &str) -> Result<IpNet, Refusal> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().or_else(address).ok_or_else(|| {
        let help = if text.contains('*') {
            "write the length of the network's part, such as 192.168.0.0/16, instead of a wildcard"
        } else {
            "write 10.0.0.0/8 or 2001:db8::/32"
        };
        ("bad-network", format!("`{text}` is not a network"), Some(help.to_owned()))
    })
}

/// Whether bits behind the network's part are set: probably a mistake, or an address that was meant.
pub(in crate::rule) fn has_host_bits(network: &IpNet) -> bool {
    network.addr() != network.network()
}

/// Whether a text is an address in the network.
#[must_use]
pub(in crate::rule) fn contains(network: &IpNet, text: &str) -> bool {
    let text = text.trim();
    // the zone of a link-local address
    let text = text.split_once('%').map_or(text, |(address, _)| address);
    let Ok(address) = text.parse::<IpAddr>() else { return false };
    network.contains(&address) || network.contains(&address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(network: &str, address: &str) -> bool {
        contains(&parse(network).unwrap(), address)
    }

    #[test]
    fn addresses_lie_in_networks() {
        assert!(is_in("10.0.0.0/8", "10.255.0.1") && !is_in("10.0.0.0/8", "11.0.0.0"));
        assert!(is_in("2001:db8::/32", "2001:DB8:1::1") && !is_in("2001:db8::/32", "2001:db9::"));
        assert!(is_in("192.0.2.7", "192.0.2.7") && !is_in("192.0.2.7", "192.0.2.8"), "a single address");
        assert!(is_in("10.0.0.0/8", "::ffff:10.1.2.3"), "version 4 written as version 6");
        assert!(is_in("fe80::/10", "fe80::1%eth0"), "with a zone");
        assert!(!is_in("0.0.0.0/0", "host") && !is_in("0.0.0.0/0", "") && !is_in("0.0.0.0/0", "::1"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["192.168.*", "10.0.0.0/33", "", "10.0.0/8", "::/129"] {
            assert_eq!(parse(text).unwrap_err().0, "bad-network", "{text}");
        }
        assert!(has_host_bits(&parse("10.1.2.3/8").unwrap()) && !has_host_bits(&parse("10.0.0.0/8").unwrap()));
    }
}
