package accounts

import (
	"context"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// checkDelivery returns a problem at the field "email" if the site sends email, and
// cannot send any to this address. Otherwise each message to it would fail for a day,
// and its user would not know.
func (s *Service) checkDelivery(ctx context.Context, email models.Email) error {
	if s.Mail == nil || s.Mail.Takes(ctx, email) {
		return nil
	}
	return problem.OnField("email", "Enter an address with plain letters before the @: this site can't send email to others. "+
		"The part after the @ can have any letters.")
}
