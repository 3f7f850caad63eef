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

// maxPasskeys is the maximum number of passkeys of one user.
const maxPasskeys = 20

// passkeyUser returns a user with their passkeys.
func (s *Service) passkeyUser(ctx context.Context, user models.User) (passkeyUser, error) {
	keys, err := s.DB.PasskeysOf(ctx, user.ID)
	if err != nil {
		return passkeyUser{}, err
	}
	return newPasskeyUser(user, keys)
}

// NewPasskeyOptions returns the options, in JSON, with which the browser at a
// session creates a new passkey for the user.
func (s *Service) NewPasskeyOptions(ctx context.Context, who models.User, at models.SecretHash) ([]byte, error) {
	holder, err := s.passkeyUser(ctx, who)
	if err != nil {
		return nil, err
	}
	options, session, err := s.Relying.register(holder)
	if err != nil {
		return nil, fmt.Errorf("creating passkey options: %w", err)
	}
	return s.storeChallenge(ctx, forRegistration+string(at), options, session)
}

// AddPasskey stores the passkey in an authenticator's response for the user, and
// ends all other sessions. If the user has no recovery codes, it returns new ones.
func (s *Service) AddPasskey(ctx context.Context, who models.Actor, name, answer string, at models.SecretHash) ([]string, error) {
	name, err := models.ParsePasskeyName(name)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, errPasskeyFailed()
	}
	session, err := s.redeemChallenge(ctx, parsed.Response.CollectedClientData.Challenge, forRegistration+string(at))
	if err != nil {
		return nil, err
	}
	holder, err := s.passkeyUser(ctx, who.User)
	if err != nil {
		return nil, err
	}
	made, err := s.Relying.site.CreateCredential(holder, session, parsed)
	if err != nil {
		return nil, errPasskeyFailed()
	}
	record, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("storing a passkey: %w", err)
	}
	return s.storePasskey(ctx, who, at, &models.Passkey{
		ID: models.NewPasskeyID(), UserID: who.User.ID, CredentialID: encodeCredentialID(made.ID), Name: name, Record: record,
		SignCount: int64(made.Authenticator.SignCount), CreatedAt: s.now(),
	})
}

// storePasskey stores a passkey, creates recovery codes if there are none, and ends
// all sessions except at.
func (s *Service) storePasskey(ctx context.Context, who models.Actor, at models.SecretHash, k *models.Passkey) (codes []string, err error) {
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
			shown, hashes := newRecoveryCodes()
			if err := tx.ReplaceRecoveryCodes(ctx, k.UserID, hashes); err != nil {
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

// DeletePasskey deletes one of the user's passkeys, and ends all sessions except
// keep. It fails with Invalid if it is the last way to sign in.
func (s *Service) DeletePasskey(ctx context.Context, who models.Actor, id models.PasskeyID, keep models.SecretHash) error {
	return s.DB.Tx(ctx, func(tx *database.DB) error {
		gone, err := tx.DeletePasskey(ctx, who.User.ID, id, s.policy().Provider)
		if err == nil && !gone {
			err = errLastLogInMethod()
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
