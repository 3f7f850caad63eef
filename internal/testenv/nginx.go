package testenv

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Nginx starts nginx with conf, the text of a file for its conf.d directory,
// whose first server listens at port. It stops when the test ends. The returned
// directory holds what nginx buffers on disk.
func Nginx(t testing.TB, conf, port string) (buffers string) {
	t.Helper()
	program := find([]string{"/usr/sbin"}, "nginx")
	if program == "" {
		Missing(t, "nginx", "`apt-get install nginx`")
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.open(t)
	dir := filepath.Join(shared.dir, "nginx-"+rand.Text())
	buffers = filepath.Join(dir, "buffers")
	if err := os.MkdirAll(buffers, 0o700); err != nil {
		t.Fatal(err)
	}
	lines := []string{"daemon off;", "master_process off;", "worker_processes 1;", "pid " + dir + "/pid;", "error_log stderr warn;"}
	if os.Getuid() == 0 {
		lines = append(lines, "user root;") // the test's directory belongs to root
	}
	lines = append(lines, "events { worker_connections 512; }", "http {", "access_log off;")
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		lines = append(lines, kind+"_temp_path "+filepath.Join(buffers, kind)+";")
	}
	lines = append(lines, conf, "}")
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", dir, "-e", filepath.Join(dir, "first.log"), "-c", path)
	if err := shared.serveOn(port, "nginx-"+rand.Text(), syscall.SIGKILL, cmd, acceptsTCP); err != nil {
		t.Fatal(err)
	}
	stopWithTest(t, shared.processes[len(shared.processes)-1])
	return buffers
}
