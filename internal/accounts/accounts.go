// Package accounts manages users: registration, profiles, signing in and out,
// second factors, sessions and API tokens. It alone knows how passwords are
// checked and hashed.
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
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/storage"
)

// setupLifetime is how long the link that creates the first admin is valid.
const setupLifetime = 24 * time.Hour

// Policy contains the settings of this package that admins can change.
type Policy struct {
	SessionIdle     time.Duration // a session expires when unused for this time
	SessionLifetime time.Duration // any session expires after this time
	ConfirmedFor    time.Duration // how long a re-authentication is valid
	Registering     models.Registering
	Domains         []string      // allowed domains of email addresses; empty: any
	FactorRoles     []models.Role // roles that must have a second factor
	PublicURL       string        // base of the links in emails
	VerifyEmail     bool          // users with an unverified address are limited to reading
	TokenLifetime   time.Duration // maximum lifetime of an API token; 0: tokens may have no expiry
	Issuer          string        // name of this site in authenticator apps
	Provider        string        // issuer of the OpenID Connect provider; empty: none
	MaxAvatarSize   int64         // size of the uploaded image, in bytes
	AvatarLimits    images.Limits
}

// A Service manages users. All exported fields must be set.
type Service struct {
	DB      *database.DB
	Jobs    *jobs.Queue
	Blobs   storage.Store
	Images  *images.Decoder
	Hasher  *passwords.Hasher
	Relying *RelyingParty // this site in the WebAuthn protocol
	Key     seal.Key      // seals TOTP secrets
	Mail    *mail.Sender  // nil: no mail server is configured
	Policy  *models.Live[Policy]
	Now     func() time.Time
}

// policy returns the policy in force.
func (s *Service) policy() Policy { return s.Policy.Get() }

// A RegistrationInput is what a visitor typed to register.
type RegistrationInput struct {
	Username string
	Email    string
	Password string
}

// Register creates a user of the free tier and starts a session. Its error joins
// the problems of all fields. It reports a username that is taken, which is public
// anyway, but never whether an email address is in use. It fails with Forbidden if
// registration is closed or needs an invitation.
func (s *Service) Register(ctx context.Context, in RegistrationInput, from models.Client) (models.User, models.Secret, error) {
	if err := s.MayRegister(); err != nil {
		return models.User{}, "", err
	}
	user, err := s.newUser(ctx, in, models.RoleUser, models.TierFree)
	if err != nil {
		return models.User{}, "", err
	}
	if err := errors.Join(s.checkDomain(user.Email), s.checkDelivery(ctx, user.Email)); err != nil {
		return models.User{}, "", err
	}
	var secret models.Secret
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		secret, err = s.createUser(ctx, tx, &user, from)
		return err
	})
	return user, secret, err
}

// CreateAdmin creates an admin from the command line, and drops the links that create the
// first one.
func (s *Service) CreateAdmin(ctx context.Context, in RegistrationInput) (models.User, error) {
	user, err := s.newUser(ctx, in, models.RoleAdmin, models.TierPremium)
	if err != nil {
		return models.User{}, err
	}
	return user, s.DB.Tx(ctx, func(tx *database.DB) error {
		if err := tx.CreateUser(ctx, &user); err != nil {
			return err
		}
		if err := tx.DropSetupLinks(ctx); err != nil {
			return err
		}
		return s.audit(ctx, tx, models.Actor{}.Did(ActionCreateAdmin, models.UserObject(user.ID), "command on the server"))
	})
}

// NewSetupLink returns the secret of a link that creates the first admin. Older
// links become invalid. It returns "" once there is an admin.
func (s *Service) NewSetupLink(ctx context.Context) (models.Secret, error) {
	exists, err := s.DB.AnyAdmin(ctx)
	if err != nil || exists {
		return "", err
	}
	secret, now := models.NewSecret(), s.now()
	link := models.SetupLink{Hash: secret.Hash(), CreatedAt: now, ExpiresAt: now.Add(setupLifetime)}
	return secret, s.DB.CreateSetupLink(ctx, &link)
}

// CheckSetupLink fails with NotFound unless link is valid for SetUp.
func (s *Service) CheckSetupLink(ctx context.Context, link models.Secret) error {
	valid, err := s.DB.SetupLinkValid(ctx, link.Hash(), s.now())
	if err == nil && !valid {
		return errInvalidSetupLink()
	}
	return err
}

// SetUp redeems link: it creates the first admin and starts a session.
func (s *Service) SetUp(
	ctx context.Context, link models.Secret, in RegistrationInput, from models.Client,
) (models.User, models.Secret, error) {
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
		if secret, err = s.startSession(ctx, tx, user.ID, from); err != nil {
			return err
		}
		by := models.Actor{User: user, Client: from}
		return s.audit(ctx, tx, by.Did(ActionCreateAdmin, models.UserObject(user.ID), "setup link"))
	})
	if problem.KindOf(err) == problem.NotFound { // redeemed meanwhile
		err = errInvalidSetupLink()
	}
	return user, secret, err
}

func errInvalidSetupLink() error {
	return problem.New(problem.NotFound, "This link is invalid, used or expired. Restart the server to get a new one.")
}

// newUser validates in and returns the user it describes, without creating it.
func (s *Service) newUser(ctx context.Context, in RegistrationInput, role models.Role, tier models.Tier) (models.User, error) {
	username, badName := models.ParseUsername(in.Username)
	email, badEmail := models.ParseEmail(in.Email)
	badPassword := s.checkPassword("password", in.Password, username, email)
	if badName == nil && role != models.RoleAdmin && models.IsReserved(username) {
		badName = problem.OnField("username", "This name is reserved. Choose another.")
	}
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
		user.EmailVerifiedAt = &now // the operator vouches for an admin's address
	}
	return user, nil
}

// now returns the current time in the precision of the database.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
