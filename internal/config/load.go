package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/caarlos0/env/v11"

	"example.org/cloakroom/internal/models"
)

// Load reads the settings from environ, as os.Environ gives them. Its error
// joins one error for each setting that is wrong, which names the variable and
// says what is allowed, and never repeats the value: it may be a secret.
func Load(environ []string) (Config, error) {
	from := &source{named: map[string]bool{}, given: map[string]string{}}
	for name, value := range env.ToMap(environ) {
		if _, known := fieldOf(name); known && value != "" { // VAR= is as good as not set
			from.named[name], from.given[name] = true, value
		}
	}
	c, wrong, err := read(from)
	if err != nil {
		return c, err
	}
	return c, explain(wrong)
}

// read makes a Config, and names the fields that are wrong.
func read(from *source) (c Config, wrong []string, err error) {
	if err := env.ParseWithOptions(&c, env.Options{Environment: from.given}); err != nil {
		all, ok := errors.AsType[env.AggregateError](err)
		if !ok {
			return c, nil, fmt.Errorf("reading the settings: %w", err)
		}
		for _, one := range all.Errors {
			parse, ok := errors.AsType[env.ParseError](one)
			if !ok {
				return c, nil, fmt.Errorf("reading the settings: %w", one)
			}
			wrong = append(wrong, parse.Name)
		}
	}
	wrong = append(wrong, c.outOfBounds()...)
	c.resolve()
	c.from = from
	return c, wrong, nil
}

// explain turns the names of fields into what a person should mend.
func explain(fields []string) error {
	var errs []error
	for i, name := range fields {
		if slices.Contains(fields[:i], name) {
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(name)
		errs = append(errs, fmt.Errorf("%s must be %s", field.Tag.Get("env"), field.Tag.Get("allowed")))
	}
	return errors.Join(errs...)
}

// outOfBounds names the fields that hold a well-formed value that is not allowed.
func (c Config) outOfBounds() (wrong []string) {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		field := v.Type().Field(i) // those without tags have no bounds
		lowest, bounded := field.Tag.Lookup("min")
		if bounded && (less(v.Field(i), lowest) || more(v.Field(i), field.Tag.Get("max"))) {
			wrong = append(wrong, field.Name)
		}
	}
	wrong = append(wrong, c.wrongTLS()...)
	if c.PublicURL.IsZero() {
		wrong = append(wrong, "PublicURL")
	}
	if scheme, rest, _ := strings.Cut(c.DatabaseURL.Reveal(), "://"); rest == "" || !slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme) {
		wrong = append(wrong, "DatabaseURL")
	}
	if !c.S3Endpoint.IsZero() {
		for name, value := range map[string]string{"S3Bucket": c.S3Bucket, "S3AccessKey": c.S3AccessKey.Reveal(), "S3SecretKey": c.S3SecretKey.Reveal()} {
			if value == "" {
				wrong = append(wrong, name)
			}
		}
	}
	for i, host := range c.AllowedHosts {
		if c.AllowedHosts[i] = strings.ToLower(strings.TrimSpace(host)); strings.ContainsAny(host, "/:@*") || host == "" {
			wrong = append(wrong, "AllowedHosts")
		}
	}
	for _, contact := range c.SecurityContacts {
		if strings.ContainsAny(contact, " \r\n") || !strings.HasPrefix(contact, "mailto:") && !strings.HasPrefix(contact, "https://") {
			wrong = append(wrong, "SecurityContacts")
		}
	}
	if slices.ContainsFunc(c.SecondFactor, isNoRole) {
		wrong = append(wrong, "SecondFactor")
	}
	wrong = append(wrong, c.wrongMail()...)
	wrong = append(wrong, c.wrongOIDC()...)
	if !slices.Contains([]models.Registering{models.RegisterOpen, models.RegisterInvitation, models.RegisterClosed}, models.Registering(c.Registration)) {
		wrong = append(wrong, "Registration")
	}
	for i, domain := range c.RegistrationDomains {
		if c.RegistrationDomains[i] = strings.ToLower(strings.TrimSpace(domain)); !strings.Contains(domain, ".") || strings.ContainsFunc(c.RegistrationDomains[i], isNoHost) {
			wrong = append(wrong, "RegistrationDomains")
		}
	}
	wrong = append(wrong, c.wrongContent()...)
	if c.CORSCredentials && slices.ContainsFunc(c.CORSOrigins, Origin.IsAny) {
		wrong = append(wrong, "CORSCredentials")
	}
	for name, words := range map[string][]string{"CORSMethods": c.CORSMethods, "CORSHeaders": c.CORSHeaders, "CORSExposed": c.CORSExposed} {
		if slices.ContainsFunc(words, func(word string) bool { return !isToken(word) }) {
			wrong = append(wrong, name)
		}
	}
	if c.SessionIdle > c.SessionLifetime {
		wrong = append(wrong, "SessionIdle")
	}
	return wrong
}

// wrongMail lists the settings of mail that do not fit.
func (c Config) wrongMail() (wrong []string) {
	if _, err := models.ParseEmail(c.MailFrom); err != nil && (c.MailFrom != "" || c.SMTPURL != "") {
		wrong = append(wrong, "MailFrom")
	}
	if c.EmailVerification != "optional" && (c.EmailVerification != "required" || c.SMTPURL == "") {
		wrong = append(wrong, "EmailVerification")
	}
	return wrong
}

// isNoHost reports whether r cannot be part of the name of a host, also of one
// in letters of the world.
func isNoHost(r rune) bool {
	return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// isNoRole reports whether there is no role of that name.
func isNoRole(name string) bool {
	_, err := models.ParseRole(name)
	return err != nil
}

func less(v reflect.Value, bound string) bool { return v.Int() < number(v.Type(), bound) }
func more(v reflect.Value, bound string) bool { return v.Int() > number(v.Type(), bound) }

// number reads a bound in the notation of its setting.
func number(t reflect.Type, s string) int64 {
	if t == reflect.TypeFor[time.Duration]() {
		d, _ := time.ParseDuration(s)
		return int64(d)
	}
	var n Size
	_ = n.UnmarshalText([]byte(s)) // the bounds are constants of ours; a test reads each
	return int64(n)
}
