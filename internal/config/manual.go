package config

import (
	"fmt"
	"strings"

	"example.org/cloakroom/internal/models"
)

// uses are the chapters of the manual.
var uses = []struct{ name, title, says string }{
	{"needed", "Settings to look at first", "Decide on these before other people use the site."},
	{"usual", "Settings for usual needs", "Set these when you use what they are about: TLS, S3, OpenID Connect, CORS, further hosts."},
	{"rare", "Settings that are rarely changed", "The defaults suit nearly every site."},
}

// generated heads the files that are made of the manual.
const generated = "Generated from internal/config by `make docs`; do not edit."

// Markdown returns the manual, for docs/settings.md.
func Markdown() string {
	var text strings.Builder
	text.WriteString("# Settings\n\n<!-- " + generated + ` -->

The server reads its settings from environment variables, once, when it starts. Invalid settings abort the start; all of them are
reported at once. An empty variable counts as not set. ` + "`server settings show`" + ` prints the values that hold, and admins see them at
` + "`/admin/settings`" + `, where they can change some of them while the site runs. A value from the environment is locked there.

A duration is written like ` + "`90s`, `30m` or `720h`" + `, a size like ` + "`500`, `64KiB`, `1.5GiB` or `10MB`" + `.

## Secrets in files

A secret can be in a file instead of the environment: a variable with ` + "`_FILE`" + ` at the end of its name names the file, for example
` + "`SMTP_URL_FILE=/run/secrets/smtp_url`" + `. The secrets are ` + strings.Join(code(secretNames()[:4]), ", ") + `,
` + listed(code(secretNames()[4:]), "and") + `.

The file has one line, of at most ` + models.Size(maxSecretFile).String() + `. The server reads it once, when it starts.
A file that is missing or empty is an error, and so is a secret that is set in both ways. ` + "`/dev/null`" + ` counts as not set.
` + "`SITE_KEY_FILE`" + ` is special: the server creates that file if it is missing.
`)
	for _, use := range uses {
		fmt.Fprintf(&text, "\n## %s\n\n%s\n", use.title, use.says)
		group := ""
		for _, s := range (Config{}).Manual() {
			if s.Use != use.name {
				continue
			}
			if s.Group != group {
				group = s.Group
				fmt.Fprintf(&text, "\n### %s\n\n| variable | default | allowed values | what it does |\n|---|---|---|---|\n", group)
			}
			fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", s.Name, shortDefault(s), cell(s.Allowed), cell(s.Says))
		}
	}
	text.WriteString("\n## What a tier gives\n\n`TIERS` has an entry for each value that differs from its default, " +
		"such as `TIERS=free.file=2GiB,pro.storage=100GiB`.\n")
	text.WriteString("\n| entry | allowed values | what it does | free | pro | premium |\n|---|---|---|---|---|---|\n")
	for _, f := range TierFields() {
		fmt.Fprintf(&text, "| `%s` | %s | %s |", f.Key, f.allowed(), f.Title)
		for _, tier := range models.Tiers() {
			s, _ := Config{}.Setting(f.Name(tier))
			fmt.Fprintf(&text, " `%s` |", s.Default)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// ReadmeTable returns the settings to look at first, for README.md.
func ReadmeTable() string {
	var text strings.Builder
	text.WriteString("| variable | default | what it does |\n|---|---|---|\n")
	for _, s := range (Config{}).Manual() {
		if s.Use == uses[0].name {
			fmt.Fprintf(&text, "| `%s` | %s | %s |\n", s.Name, shortDefault(s), cell(s.Says))
		}
	}
	return text.String()
}

// Example returns the manual as a file of variables that are commented out, for
// .env.example.
func Example() string {
	var text strings.Builder
	text.WriteString("# " + strings.ReplaceAll(generated, "`", "") + "\n#\n")
	text.WriteString("# Settings of Cloakroom, with their defaults. Copy this file to .env and change what you need;\n")
	text.WriteString("# make run and docker compose read it. docs/settings.md explains the notation.\n")
	text.WriteString("# A secret can be in a file: SMTP_URL_FILE=/run/secrets/smtp_url, and so for each secret.\n")
	for _, use := range uses {
		fmt.Fprintf(&text, "\n\n### %s\n", use.title)
		for _, s := range (Config{}).Manual() {
			if s.Use == use.name {
				fmt.Fprintf(&text, "\n# %s\n# Allowed: %s.\n#%s=%s\n", s.Says, s.Allowed, s.Name, quoted(s.Default))
			}
		}
	}
	return text.String()
}

// shortDefault writes a default as code in a table, but for the one that has a
// table of its own.
func shortDefault(s Setting) string {
	switch {
	case s.Name == tiersVariable:
		return "by tier"
	case s.Default == "":
		return ""
	}
	return "`" + s.Default + "`"
}

// cell writes s so that a table holds it.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`).Replace(s)
}

// code writes words as code in Markdown.
func code(words []string) []string {
	marked := make([]string, len(words))
	for i, word := range words {
		marked[i] = "`" + word + "`"
	}
	return marked
}

// quoted writes a value so that a shell reads it as one word.
func quoted(s string) string {
	if strings.Contains(s, " ") {
		return `"` + s + `"`
	}
	return s
}
