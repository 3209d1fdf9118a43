//! The files of `deploy/`, with what differs from machine to machine replaced.

use std::fs;
use std::path::Path;

use super::{Places, Proxy};
use crate::certificate::Files;

/// Writes the proxy's configuration into the directory.
pub(super) fn write(proxy: Proxy, directory: &Path, places: Places, certificate: &Files) {
    let deployed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let mut text = fs::read_to_string(deployed.join(proxy.file_name())).unwrap();
    let path = |name: &str| directory.join(name).display().to_string();
    let Places {
        application,
        http,
        https,
        admin,
    } = places;
    let mut replace = |deployed: &str, here: &str| {
        let is_there = text.contains(deployed);
        assert!(is_there, "{}: no {deployed:?}", proxy.file_name());
        text = text.replace(deployed, here);
    };
    replace("127.0.0.1:8080", &application.to_string());
    match proxy {
        Proxy::Nginx => {
            // Only root can become another user, and www-data cannot read a temporary directory.
            let user = if rustix::process::geteuid().is_root() {
                "user root;"
            } else {
                ""
            };
            replace("user www-data;", user);
            replace("/run/nginx.pid", &path("nginx.pid"));
            replace("/var/log/nginx/error.log", "stderr");
            replace("/var/log/nginx/access.log", "off");
            replace("listen 80;", &format!("listen {http};"));
            replace("listen 443 ", &format!("listen {https} "));
            replace("/etc/ssl/shop.example.pem", &certificate.chain);
            replace("/etc/ssl/shop.example.key", &certificate.key);
            // Paths that are compiled in, where only root may write.
            let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let paths = kinds.map(|kind| format!("{kind}_temp_path {};\n", path(kind)));
            replace("http {\n", &format!("http {{\n{}", paths.concat()));
        }
        Proxy::Haproxy => {
            replace("    user haproxy\n", "");
            replace("    group haproxy\n", "");
            replace("bind :80\n", &format!("bind {http}\n"));
            replace("bind :443 ", &format!("bind {https} "));
            replace("/etc/haproxy/shop.example.pem", &certificate.both);
        }
        Proxy::Caddy => {
            replace("localhost:2019", &admin.to_string());
            replace("http_port 80\n", &format!("http_port {}\n", http.port()));
            let address = format!(
                "https_port {}\n\tdefault_bind {}\n",
                https.port(),
                https.ip()
            );
            replace("https_port 443\n", &address);
            replace("/etc/caddy/shop.example.pem", &certificate.chain);
            replace("/etc/caddy/shop.example.key", &certificate.key);
        }
    }
    fs::write(directory.join(proxy.file_name()), text).unwrap();
}
