// Package accounts knows who somebody is: it registers users, logs them in and
// out, and keeps their profiles, sessions and API tokens. It alone knows how
// passwords are judged and hashed.
package accounts

import (
	"context"
	"errors"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/storage"
)

// setupLifetime is how long the link that creates the first admin is good.
const setupLifetime = 24 * time.Hour

// Policy says how long sessions last and which avatars are welcome.
type Policy struct {
	SessionIdle     time.Duration // a session unused for so long is over
	SessionLifetime time.Duration // and so is any session after this
	ConfirmedFor    time.Duration // after a proof of being there, dangerous acts need no other
	Registering     models.Registering
	Domains         []string      // at which a mail address may be; empty: at any
	FactorRoles     []models.Role // of whom a second factor is wanted
	PublicURL       string        // where links in mails lead
	VerifyEmail     bool          // whoever has not proved their address may only read
	TokenLifetime   time.Duration // of an API token at most; 0: some may have no end
	Issuer          string        // of this site, as an authenticator shows it
	Provider        string        // the issuer by whom people can log in too; empty: none
	MaxAvatarSize   int64         // bytes, as uploaded
	AvatarLimits    images.Limits
}

// A Service looks after users. All exported fields must be set.
type Service struct {
	DB      *database.DB
	Jobs    *jobs.Queue
	Blobs   storage.Store
	Images  *images.Decoder
	Hasher  *Hasher
	Relying *RelyingParty // this site, to authenticators
	Key     seal.Key      // of what is kept sealed
	Mail    *mail.Sender  // nil: there is no mail server
	Policy  *models.Live[Policy]
	Now     func() time.Time
}

// policy returns what holds now.
func (s *Service) policy() Policy { return s.Policy.Get() }

// A Registration is what somebody typed to become a user.
type Registration struct {
	Username string
	Email    string
	Password string
}

// Register creates a user of the free tier and opens a session for them. Its
// error joins the problems of all fields. Whether a username is free is public
// (its page is), whether an address is in use is not: it is never compared. It
// is Forbidden where one needs an invitation.
func (s *Service) Register(ctx context.Context, in Registration, from models.Client) (models.User, models.Secret, error) {
	if err := s.MayRegister(); err != nil {
		return models.User{}, "", err
	}
	user, err := s.newUser(ctx, in, models.RoleUser, models.TierFree)
	if err != nil {
		return models.User{}, "", err
	}
	if err := s.checkDomain(user.Email); err != nil {
		return models.User{}, "", err
	}
	var secret models.Secret
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		secret, err = s.settle(ctx, tx, &user, from)
		return err
	})
	return user, secret, err
}

// CreateAdmin creates an admin, for the command line.
func (s *Service) CreateAdmin(ctx context.Context, in Registration) (models.User, error) {
	user, err := s.newUser(ctx, in, models.RoleAdmin, models.TierPremium)
	if err != nil {
		return models.User{}, err
	}
	return user, s.DB.CreateUser(ctx, &user)
}

// NewSetupLink returns the secret of a link that creates the first admin, and
// voids older ones. It returns "" once there is an admin.
func (s *Service) NewSetupLink(ctx context.Context) (models.Secret, error) {
	exists, err := s.DB.AnyAdmin(ctx)
	if err != nil || exists {
		return "", err
	}
	secret, now := models.NewSecret(), s.now()
	link := models.SetupLink{Hash: secret.Hash(), CreatedAt: now, ExpiresAt: now.Add(setupLifetime)}
	return secret, s.DB.CreateSetupLink(ctx, &link)
}

// CheckSetupLink returns a NotFound problem unless SetUp would take link.
func (s *Service) CheckSetupLink(ctx context.Context, link models.Secret) error {
	valid, err := s.DB.SetupLinkValid(ctx, link.Hash(), s.now())
	if err == nil && !valid {
		return errNoSetup()
	}
	return err
}

// SetUp spends link to create the first admin, and opens a session for them.
func (s *Service) SetUp(ctx context.Context, link models.Secret, in Registration, from models.Client) (models.User, models.Secret, error) {
	if err := s.CheckSetupLink(ctx, link); err != nil {
		return models.User{}, "", err
	}
	user, err := s.newUser(ctx, in, models.RoleAdmin, models.TierPremium)
	if err != nil {
		return models.User{}, "", err
	}
	var secret models.Secret
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.RedeemSetupLink(ctx, link.Hash(), s.now()); err != nil {
			return err
		}
		if err := tx.CreateUser(ctx, &user); err != nil {
			return err
		}
		secret, err = s.openSession(ctx, tx, user.ID, from)
		return err
	})
	if problem.KindOf(err) == problem.NotFound { // somebody else was faster
		err = errNoSetup()
	}
	return user, secret, err
}

func errNoSetup() error {
	return problem.New(problem.NotFound, "This link is invalid, used or expired. Restart the server to get a new one.")
}

// newUser judges in and returns the user it describes, not created yet.
func (s *Service) newUser(ctx context.Context, in Registration, role models.Role, tier models.Tier) (models.User, error) {
	username, badName := models.ParseUsername(in.Username)
	email, badEmail := models.ParseEmail(in.Email)
	badPassword := checkPassword("password", in.Password, username)
	if err := errors.Join(badName, badEmail, badPassword); err != nil {
		return models.User{}, err
	}
	hash, err := s.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return models.User{}, err
	}
	now := s.now()
	user := models.User{
		ID: models.NewUserID(), Username: username, UsernameKey: username.Key(), Email: email,
		PasswordHash: hash, Role: role, Tier: tier, CreatedAt: now, UpdatedAt: now,
	}
	if role == models.RoleAdmin {
		user.EmailVerifiedAt = &now // whoever makes an admin vouches for the address
	}
	return user, nil
}

// now returns the time as the database keeps it: in UTC, to the microsecond.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
