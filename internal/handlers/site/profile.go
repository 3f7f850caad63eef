package site

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
)

// profileForm is what the user entered about themselves.
type profileForm struct {
	Email   string
	Phone   string
	Website string
	Bio     string
}

// settingsProfilePage is the page "settings_profile". Its fields are email,
// phone, website and bio, and avatar in a form of its own.
type settingsProfilePage struct {
	page.Frame
	Form       profileForm
	Unverified bool // the email address must be verified
	Problems   page.Problems
}

// ProfileEdit handles GET /settings/profile: the form with the user's profile.
func (s *Site) ProfileEdit(c echo.Context) error {
	return s.showOwnProfile(c, http.StatusOK, nil)
}

// showOwnProfile shows the stored profile.
func (s *Site) showOwnProfile(c echo.Context, status int, problems page.Problems) error {
	u, err := s.Accounts.Me(c.Request().Context(), gate.Visitor(c))
	if err != nil {
		return err
	}
	form := profileForm{Email: string(u.Email), Phone: string(u.Phone), Website: string(u.Website), Bio: string(u.Bio)}
	return s.showProfile(c, status, form, problems)
}

func (s *Site) showProfile(c echo.Context, status int, form profileForm, problems page.Problems) error {
	return s.Show(c, status, "settings_profile", settingsProfilePage{
		Frame: s.Frame(c, "Profile"), Form: form, Problems: problems,
		Unverified: s.Accounts.SendsMail() && gate.Visitor(c).EmailVerifiedAt == nil,
	})
}

// ProfileFields are the fields of the profile that come back when a limit
// refuses the form.
var ProfileFields = []gate.SavedField{{Name: "email"}, {Name: "phone"}, {Name: "website"}, {Name: "bio", Label: "Bio"}}

// ProfileUpdate handles POST /settings/profile: it saves the profile.
func (s *Site) ProfileUpdate(c echo.Context) error {
	form, err := gate.ReadForm(c)
	if err != nil {
		return err
	}
	in := accounts.ProfileInput{Email: form.Get("email"), Phone: form.Get("phone"), Website: form.Get("website"), Bio: form.Get("bio")}
	if err := s.RequireFreshForEmail(c, in.Email); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showProfile(c, status, profileForm(in), problems)
		})
	}
	if err := s.Accounts.UpdateProfile(c.Request().Context(), gate.Visitor(c), in); err != nil {
		return s.ShowForm(err, func(status int, problems page.Problems) error {
			return s.showProfile(c, status, profileForm(in), problems)
		})
	}
	return s.Tell(c, "/settings/profile", "profile")
}
