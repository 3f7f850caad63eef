package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// nginxConf is the configuration of nginx: what Debian's has, and one line per request in a
// file, as ours writes. A PUT keeps the body by the dav module; nginx cannot read forms.
const nginxConf = `daemon off;
worker_processes 2;
pid %[1]s/pid;
error_log %[1]s/error.log warn;
%[5]s
events { worker_connections 1024; }
http {
	access_log %[1]s/access.log;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	default_type application/octet-stream;
	sendfile on;
	tcp_nopush on;
	keepalive_timeout 10m;
	keepalive_requests 1000000000;
	client_max_body_size 0;
	server {
		listen %[2]s;
		location /files/ {
			alias %[3]s/;
			%[4]s
		}
	}
}
`

// startNginx starts nginx on the files in dir, or returns nil if it is not installed. With
// put it keeps uploads too.
func startNginx(ctx context.Context, work, dir string) (c *child, put bool, err error) {
	program, err := exec.LookPath("/usr/sbin/nginx")
	if err != nil {
		if program, err = exec.LookPath("nginx"); err != nil {
			fmt.Fprintln(os.Stderr, "nginx is not installed, so nothing is compared with it")
			return nil, false, nil
		}
	}
	built, err := exec.CommandContext(ctx, program, "-V").CombinedOutput()
	if err != nil {
		return nil, false, err
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := os.MkdirAll(work, 0o700); err != nil {
		return nil, false, err
	}
	methods, user := "", ""
	if put = strings.Contains(string(built), "http_dav_module"); put {
		methods = "dav_methods PUT;"
	}
	if os.Getuid() == 0 {
		user = "user root;" // the working directory is not open to others
	}
	conf := filepath.Join(work, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConf, work, addr, dir, methods, user), 0o600); err != nil {
		return nil, false, err
	}
	cmd := exec.Command(program, "-p", work, "-e", filepath.Join(work, "error.log"), "-c", conf) //nolint:noctx // stop ends it
	// nginx ends its workers when it gets SIGTERM, and leaves them when it is killed.
	endWithParent(cmd, syscall.SIGTERM)
	if c, err = launch(cmd); err != nil {
		return nil, false, err
	}
	c.addr = addr
	if err := c.wait(ctx, "/files/"+smallName); err != nil {
		return nil, false, errors.Join(err, c.stop())
	}
	return c, put, nil
}
