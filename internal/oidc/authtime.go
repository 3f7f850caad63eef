package oidc

import (
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// clockSkew is how much the clock of the provider can differ from this one.
const clockSkew = time.Minute

// askAgain are the parameters that make a provider ask the user again who they are, and
// say when it did (OpenID Connect Core 1.0, 3.1.2.1). Providers know one or the other.
func askAgain() []oauth2.AuthCodeOption {
	return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("max_age", "0"), oauth2.SetAuthURLParam("prompt", "login")}
}

// authTime returns when the user last proved to the provider who they are, by the ID
// token alone, and not later than now. It returns the zero time if the token does not
// say, or says what cannot be.
func (s *Service) authTime(proof *oidc.IDToken) time.Time {
	var said struct {
		At float64 `json:"auth_time"` // seconds
	}
	now := s.now()
	if err := proof.Claims(&said); err != nil || said.At < 1 || said.At > float64(now.Add(clockSkew).Unix()) {
		return time.Time{}
	}
	if at := time.Unix(int64(said.At), 0).UTC(); at.Before(now) {
		return at
	}
	return now
}
