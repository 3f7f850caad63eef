// Package actions has what an admin can do to a user, and how an admin filters
// lists, for the panel and the API. Only it knows which fields of a form an action
// takes.
package actions

import (
	"context"
	"net/url"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/models"
)

// Actions are what an admin can do to a user. Each takes its arguments from the
// fields of a form.
type Actions struct {
	Accounts *accounts.Service
	Leaving  *leaving.Service
}

// A UserAction changes a user on behalf of an admin.
type UserAction func(ctx context.Context, by models.Actor, username string, form url.Values) error

// SetTier moves the user to the tier in the field tier.
func (a Actions) SetTier(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.SetTier(ctx, by, username, form.Get("tier"))
	return err
}

// SetRole gives the user the role in the field role, for the reason in why.
func (a Actions) SetRole(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.SetRole(ctx, by, username, form.Get("role"), form.Get("why"))
	return err
}

// SetQuota gives the user the quota in the field quota; empty: that of the tier.
func (a Actions) SetQuota(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.SetQuota(ctx, by, username, form.Get("quota"))
	return err
}

// Suspend suspends the user, for the reason in the field why.
func (a Actions) Suspend(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.Suspend(ctx, by, username, form.Get("why"))
	return err
}

// Reinstate ends a suspension, for the reason in the field why.
func (a Actions) Reinstate(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.Reinstate(ctx, by, username, form.Get("why"))
	return err
}

// EndSessions signs the user out everywhere, for the reason in the field why.
func (a Actions) EndSessions(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.EndSessionsOf(ctx, by, username, form.Get("why"))
	return err
}

// RemoveFactors turns off the user's two-factor authentication, for the reason
// in the field why.
func (a Actions) RemoveFactors(ctx context.Context, by models.Actor, username string, form url.Values) error {
	_, err := a.Accounts.RemoveFactorsOf(ctx, by, username, form.Get("why"))
	return err
}

// Delete deletes the account, for the reason in the field reason: after the grace
// period, or at once if the field when is "now". The field typed must repeat the
// username.
func (a Actions) Delete(ctx context.Context, by models.Actor, username string, form url.Values) error {
	return a.Leaving.AdminDelete(ctx, by, username, leaving.DeletionInput{
		Typed: form.Get("typed"), Reason: form.Get("reason"), AtOnce: form.Get("when") == "now",
	})
}

// Keep cancels a deletion that has not been carried out, for the reason in the
// field reason.
func (a Actions) Keep(ctx context.Context, by models.Actor, username string, form url.Values) error {
	return a.Leaving.AdminCancel(ctx, by, username, form.Get("reason"))
}
