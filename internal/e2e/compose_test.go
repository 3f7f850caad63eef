package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/testenv"
)

// compose returns what Docker Compose reads from a file, with the variables of env in .env.
// The program docker-compose must accept it too.
func compose(t *testing.T, file string, profiles []string, env ...string) *types.Project {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "compose.yml")
	for path, text := range map[string]string{name: string(text), filepath.Join(dir, ".env"): strings.Join(env, "\n") + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := testenv.Compose(t, "--file", name, "config", "--quiet")
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "COMPOSE_PROFILES=" + strings.Join(profiles, ",")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("docker-compose config: %v\n%s", err, out)
	}
	options, err := cli.NewProjectOptions([]string{name}, cli.WithWorkingDirectory(dir), cli.WithProfiles(profiles),
		cli.WithEnvFiles(filepath.Join(dir, ".env")), cli.WithDotEnv)
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// wantConfined requires that a service has only the rights that the server needs.
func wantConfined(t *testing.T, s types.ServiceConfig) {
	t.Helper()
	if !s.ReadOnly || s.Privileged || len(s.CapAdd) > 0 || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.Devices) > 0 ||
		!slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.NetworkMode != "" || s.Pid != "" || s.Ipc != "" {
		t.Errorf("%s is not confined: %+v", s.Name, s)
	}
	for _, v := range s.Volumes {
		if v.Target != "/data" {
			t.Errorf("%s mounts %s", s.Name, v.Target)
		}
	}
}

// wantHealthcheck requires the health check of the server itself: the image has no shell.
func wantHealthcheck(t *testing.T, s types.ServiceConfig) {
	t.Helper()
	if h := s.HealthCheck; h == nil || h.Disable || !slices.Equal(h.Test, []string{"CMD", "/server", "healthcheck"}) ||
		time.Duration(*h.Timeout) <= 5*time.Second {
		t.Errorf("the health check of %s is %+v", s.Name, h)
	}
	if grace := s.StopGracePeriod; grace == nil || time.Duration(*grace) <= 30*time.Second {
		t.Errorf("%s has %v to stop", s.Name, grace)
	}
}

// published returns the ports of a service on this machine.
func published(s types.ServiceConfig) (all []string) {
	for _, p := range s.Ports {
		all = append(all, fmt.Sprintf("%s:%s:%d", p.HostIP, p.Published, p.Target))
	}
	return all
}

// environ returns the environment of the server, in which the file of a secret is the one of
// this machine that Compose mounts there.
func environ(t *testing.T, project *types.Project, s types.ServiceConfig) (all []string) {
	t.Helper()
	files := map[string]string{}
	for _, mounted := range s.Secrets {
		files["/run/secrets/"+mounted.Source] = project.Secrets[mounted.Source].File
	}
	for name, value := range s.Environment {
		if value == nil {
			t.Fatalf("%s has no value", name)
		}
		if file := files[*value]; file != "" {
			value = &file
		}
		all = append(all, name+"="+*value)
	}
	return all
}

// The file for real use accepts the template of the settings, and publishes on loopback only.
func TestCompose_ForRealUse(t *testing.T) {
	project := compose(t, "../../deploy/compose.yml", nil, "PUBLIC_URL=https://files.example.org", config.Example())
	s := project.Services["cloakroom"]
	wantConfined(t, s)
	wantHealthcheck(t, s)
	if s.User != "65532:65532" || s.Restart != "unless-stopped" || s.MemLimit != 2<<30 || s.PidsLimit != 512 {
		t.Errorf("user %s, restart %s, at most %d bytes and %d processes", s.User, s.Restart, s.MemLimit, s.PidsLimit)
	}
	if s.Logging == nil || s.Logging.Options["max-size"] == "" || s.Logging.Options["max-file"] == "" {
		t.Errorf("the log has no bounds: %+v", s.Logging)
	}
	if got := published(s); !slices.Equal(got, []string{"127.0.0.1:8080:8080", "127.0.0.1:8081:8081"}) {
		t.Errorf("it publishes %q", got)
	}
	if len(s.Volumes) != 1 || s.Volumes[0].Type != "volume" || s.Volumes[0].Source != "data" {
		t.Errorf("its volumes are %+v", s.Volumes)
	}
	c, err := config.Load(environ(t, project, s))
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":8080" || c.PublicURL.String() != "https://files.example.org" || c.SiteKeyFile != "site.key" || c.RedirectAddr != "" {
		t.Errorf("the server reads %v", c)
	}
}

// What .env chooses holds: ports, the directory, memory, and settings of the server.
func TestCompose_ReadsTheEnvFile(t *testing.T) {
	project := compose(t, "../../deploy/compose.yml", nil, "PUBLIC_URL=https://files.example.org", "TLS_MODE=autocert", "ADDR=127.0.0.1:1",
		"SITE_PORT=443", "REDIRECT_PORT=80", "DATA=/srv/cloakroom", "MEMORY=512m", "SITE_NAME=Our files", "UPLOAD_DIR=elsewhere")
	s := project.Services["cloakroom"]
	if got := published(s); !slices.Equal(got, []string{":443:8080", ":80:8081"}) || s.MemLimit != 512<<20 {
		t.Errorf("it publishes %q and takes %d bytes", got, s.MemLimit)
	}
	if len(s.Volumes) != 1 || s.Volumes[0].Type != "bind" || s.Volumes[0].Source != "/srv/cloakroom" {
		t.Errorf("its volumes are %+v", s.Volumes)
	}
	c, err := config.Load(environ(t, project, s))
	if err != nil || c.SiteName != "Our files" || !c.TLS() || c.Addr != ":8080" || c.RedirectAddr != ":8081" ||
		c.UploadDir != "/data/uploads" {
		t.Errorf("the server reads %v: %v", c, err)
	}
}

// Each secret can be a file on the machine.
func TestCompose_MountsEverySecret(t *testing.T) {
	values := map[string]string{
		"DATABASE_URL": "postgres://ann:canary@db/cloakroom?sslmode=disable", "REDIS_URL": "redis://:canary@cache:6379/0",
		"SMTP_URL": "smtp://ann:canary@mail:587", "ACME_EAB_HMAC_KEY": "canary", "SITE_KEY": strings.Repeat("canary", 6),
		"CONTENT_KEY": strings.Repeat("canary", 7), "S3_ACCESS_KEY": "canary", "S3_SECRET_KEY": "canary", "OIDC_CLIENT_SECRET": "canary",
	}
	env := []string{
		"MAIL_FROM=a@example.org", "ACME_EAB_KEY_ID=kid", "CONTENT_ORIGIN=http://content.example.net", "S3_ENDPOINT=http://127.0.0.1:9000",
		"S3_BUCKET=b", "OIDC_ISSUER=https://sso.example.org", "OIDC_CLIENT_ID=cloakroom",
	}
	dir := t.TempDir()
	for name, value := range values {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(value+"\n"), 0o400); err != nil {
			t.Fatal(err)
		}
		env = append(env, name+"_FILE="+file)
	}
	project := compose(t, "../../deploy/compose.yml", nil, env...)
	s := project.Services["cloakroom"]
	c, err := config.Load(environ(t, project, s))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprint(slices.Collect(maps.Values(s.Environment))), "canary") {
		t.Error("a secret is in the environment")
	}
	for _, setting := range c.Manual() {
		if setting.Secret && values[setting.Name] == "" {
			t.Errorf("deploy/compose.yml and the test lack the secret %s", setting.Name)
		}
		if setting.Secret && !setting.Named && setting.Name != "SITE_KEY" {
			t.Errorf("%s is not mounted", setting.Name)
		}
	}
	if c.SiteKeyFile != filepath.Join(dir, "SITE_KEY") || len(s.Secrets) != len(values) {
		t.Errorf("the site key is in %s; %d secrets are mounted, want %d", c.SiteKeyFile, len(s.Secrets), len(values))
	}
}

// The demo is confined and on loopback, and prints its users after the site is up.
func TestCompose_Demo(t *testing.T) {
	project := compose(t, "../../docker-compose.yml", []string{"scale"})
	for name, ports := range map[string]string{
		"cloakroom": "127.0.0.1:8080:8080", "node-1": "127.0.0.1:8081:8080", "node-2": "127.0.0.1:8082:8080",
		"seed": "", "seed-scale": "", "postgres": "", "redis": "", "s3": "",
	} {
		s, ok := project.Services[name]
		if got := strings.Join(published(s), " "); !ok || got != ports {
			t.Errorf("%s publishes %q, want %q", name, got, ports)
		}
		switch {
		case !ok || s.Build == nil: // images of others
			continue
		case ports != "":
			wantHealthcheck(t, s)
		case !s.HealthCheck.Disable || !slices.Equal(s.Command, []string{"seed"}) || s.Restart != "no":
			t.Errorf("%s does not run once: %+v", name, s)
		}
		wantConfined(t, s)
		if _, err := config.Load(environ(t, project, s)); err != nil {
			t.Errorf("the settings of %s: %v", name, err)
		}
	}
	if n := len(project.Services); n != 8 {
		t.Errorf("there are %d services, want 8", n)
	}
	for seed, last := range map[string]string{"seed": "cloakroom", "seed-scale": "node-2"} {
		if got := project.Services[seed].DependsOn[last].Condition; got != types.ServiceConditionHealthy {
			t.Errorf("%s follows %s when it is %q", seed, last, got)
		}
	}
	if services := compose(t, "../../docker-compose.yml", nil).Services; len(services) != 2 {
		t.Errorf("without a profile there are %d services, want 2", len(services))
	}
}
