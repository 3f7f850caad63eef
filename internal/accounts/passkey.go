package accounts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// maxPasskeys is how many passkeys one user may have.
const maxPasskeys = 20

// Passkeys lists who's passkeys, newest first.
func (s *Service) Passkeys(ctx context.Context, who models.User) ([]models.Passkey, error) {
	return s.DB.PasskeysOf(ctx, who.ID)
}

func (s *Service) keyHolder(ctx context.Context, user models.User) (keyHolder, error) {
	keys, err := s.DB.PasskeysOf(ctx, user.ID)
	if err != nil {
		return keyHolder{}, err
	}
	return newKeyHolder(user, keys)
}

// BeginPasskey returns, in JSON, what who's browser is to ask an authenticator
// for.
func (s *Service) BeginPasskey(ctx context.Context, who models.User, at models.SecretHash) ([]byte, error) {
	holder, err := s.keyHolder(ctx, who)
	if err != nil {
		return nil, err
	}
	options, session, err := s.Relying.register(holder)
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return s.keepChallenge(ctx, askedToRegister+string(at), options, session)
}

// AddPasskey gives who a passkey by the answer of an authenticator, and ends
// all other sessions. It returns recovery codes, this once, if they had none.
func (s *Service) AddPasskey(ctx context.Context, who models.Actor, name, answer string, at models.SecretHash) ([]string, error) {
	name, err := models.ParsePasskeyName(name)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, errBadPasskey()
	}
	session, err := s.spendChallenge(ctx, parsed.Response.CollectedClientData.Challenge, askedToRegister+string(at))
	if err != nil {
		return nil, err
	}
	holder, err := s.keyHolder(ctx, who.User)
	if err != nil {
		return nil, err
	}
	made, err := s.Relying.site.CreateCredential(holder, session, parsed)
	if err != nil {
		return nil, errBadPasskey()
	}
	record, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("keeping a passkey: %w", err)
	}
	return s.keepPasskey(ctx, who, at, &models.Passkey{
		ID: models.NewPasskeyID(), UserID: who.User.ID, CredentialID: credentialName(made.ID), Name: name, Record: record,
		SignCount: int64(made.Authenticator.SignCount), CreatedAt: s.now(),
	})
}

func (s *Service) keepPasskey(ctx context.Context, who models.Actor, at models.SecretHash, k *models.Passkey) (codes []string, err error) {
	err = s.DB.Tx(ctx, func(tx *database.DB) error {
		made, err := tx.CreatePasskey(ctx, k, maxPasskeys)
		if err == nil && !made {
			err = problem.OnField("name", "You have %d passkeys, the maximum. Delete one you no longer use.", maxPasskeys)
		}
		if err != nil {
			return err
		}
		left, err := tx.CountRecoveryCodes(ctx, k.UserID)
		if err != nil {
			return err
		}
		if left == 0 {
			shown, kept := newRecoveryCodes()
			if err := tx.ReplaceRecoveryCodes(ctx, k.UserID, kept); err != nil {
				return err
			}
			codes = shown
		}
		if err := tx.DeleteSessionsOf(ctx, k.UserID, at); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionAddFactor, models.UserObject(k.UserID), "passkey"))
	})
	return codes, err
}

// DeletePasskey takes one of who's passkeys away, and ends all other sessions.
// It is an Invalid problem if they could not come in any more.
func (s *Service) DeletePasskey(ctx context.Context, who models.Actor, id models.PasskeyID, keep models.SecretHash) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		gone, err := tx.DeletePasskey(ctx, who.User.ID, id, s.policy().Provider)
		if err == nil && !gone {
			err = errNoOtherWay()
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteSessionsOf(ctx, who.User.ID, keep); err != nil {
			return err
		}
		return s.audit(ctx, tx, who.Did(ActionRemoveFactor, models.UserObject(who.User.ID), "passkey"))
	})
}
