package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"example.org/cloakroom/internal/models"
)

// Load reads the settings from environ, as os.Environ gives them. Its error
// joins one error for each setting that is wrong, which names the variable and
// says what is allowed, and never repeats the value: it may be a secret. A secret
// can be in a file, which NAME_FILE names (see readFiles).
func Load(environ []string) (Config, error) {
	from := &source{named: map[string]bool{}, given: map[string]string{}}
	vars := env.ToMap(environ)
	errs := readFiles(vars)
	for name, value := range vars {
		if value == "" { // VAR= is as good as not set
			continue
		}
		if _, known := fieldOf(name); known {
			from.named[name], from.given[name] = true, value
		} else if instead, was := replaced()[name]; was {
			errs = append(errs, fmt.Errorf("%s is no longer a setting: %s", name, instead))
		}
	}
	entries, _ := models.ParseEntries(from.given[tiersVariable]) // read reports what is wrong with them
	for _, e := range entries {
		from.named[tiersVariable+":"+e.Name] = true
	}
	c, wrong, err := read(from)
	if err != nil {
		return c, err
	}
	for _, name := range nameEntries(wrong, entries) {
		s, _ := c.Setting(name)
		errs = append(errs, fmt.Errorf("%s must be %s", name, s.Allowed))
	}
	return c, errors.Join(errs...)
}

// nameEntries replaces TIERS in wrong by those of its entries whose value is out of
// bounds, so that the error can say what each must be.
func nameEntries(wrong []string, entries []models.Entry) (names []string) {
	for _, name := range wrong {
		if name != tiersVariable {
			names = append(names, name)
			continue
		}
		before := len(names)
		for _, e := range entries {
			entry := tiersVariable + ":" + e.Name
			if _, field, ok := tierEntry(entry); ok && field.set(new(Tier), e.Value) != nil {
				names = append(names, entry)
			}
		}
		if len(names) == before {
			names = append(names, name)
		}
	}
	return names
}

// replaced says what to do about a variable of an earlier version.
func replaced() map[string]string {
	table := map[string]string{ //nolint:gosec // names of variables, not secrets
		"ARGON2_MEMORY": "set ARGON2=19MiB,2,2", "ARGON2_PASSES": "set ARGON2=19MiB,2,2", "ARGON2_WORKERS": "set ARGON2=19MiB,2,2",
	}
	for _, name := range []string{"MAX_FRAME_PIXELS", "MAX_IMAGE_FRAMES", "LIMIT_KEYS", "SWEEP_AFTER", "IMAGE_TIMEOUT", "REPORT_CLAIM"} {
		table[name] = "remove it"
	}
	for old, key := range map[string]string{
		"MAX_FILE_SIZE_": "file", "STORAGE_": "storage", "MAX_IMAGE_SIDE_": "image-side", "MAX_POST_FILES_": "post-files",
	} {
		for _, tier := range models.Tiers() {
			table[old+strings.ToUpper(string(tier))] = "set TIERS=" + string(tier) + "." + key + "=…"
		}
	}
	return table
}

// read makes a Config, and names the settings that are wrong, each once.
func read(from *source) (c Config, wrong []string, err error) {
	environ := maps.Clone(from.given)
	tiers, _ := fieldOf(tiersVariable)
	environ[tiersVariable] = tiers.Tag.Get("envDefault") + "," + environ[tiersVariable]
	if err := env.ParseWithOptions(&c, env.Options{Environment: environ}); err != nil {
		if wrong, err = misread(err); err != nil {
			return c, nil, err
		}
	}
	if c.Tiers == nil {
		_ = c.Tiers.UnmarshalText([]byte(tiers.Tag.Get("envDefault"))) // which a test reads
	}
	for name, value := range from.given {
		if _, _, ok := tierEntry(name); ok && c.Tiers.set(name, value) != nil {
			wrong = append(wrong, name)
		}
	}
	c.normalize()
	for _, one := range slices.Concat(c.tagChecks(), c.checks()) {
		if !one.ok && !slices.Contains(wrong, one.name) {
			wrong = append(wrong, one.name)
		}
	}
	c.resolve()
	c.from = from
	return c, wrong, nil
}

// misread names the settings that could not be parsed.
func misread(err error) (wrong []string, _ error) {
	all, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	for _, one := range all.Errors {
		parse, ok := errors.AsType[env.ParseError](one)
		if !ok {
			return nil, fmt.Errorf("reading the settings: %w", one)
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		wrong = append(wrong, field.Tag.Get("env"))
	}
	return wrong, nil
}

// normalize writes names of hosts in lower case.
func (c *Config) normalize() {
	for _, names := range [][]string{c.AllowedHosts, c.RegistrationDomains} {
		for i, name := range names {
			names[i] = strings.ToLower(strings.TrimSpace(name))
		}
	}
}
