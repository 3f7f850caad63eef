package limits

import (
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis is asked before each request is answered, so the timeouts are short.
const (
	dialTimeout = 500 * time.Millisecond
	callTimeout = 250 * time.Millisecond
)

// newClient returns a client for a redis or rediss URL. It does not connect. Its
// error does not repeat the URL, which can contain a password.
func newClient(rawURL string) (*redis.Client, error) {
	options, err := redis.ParseURL(rawURL)
	if err != nil || !strings.HasPrefix(rawURL, "redis://") && !strings.HasPrefix(rawURL, "rediss://") {
		return nil, errors.New("the URL of Redis is not like redis://user:password@host:6379/0, or rediss:// for TLS")
	}
	options.DialTimeout, options.DialerRetries = dialTimeout, 1
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = callTimeout, callTimeout, callTimeout
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1 // no retries: an act whose answer was lost would count twice
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(options), nil
}
