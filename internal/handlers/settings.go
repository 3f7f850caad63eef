package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// settingsProfile handles GET /settings/profile.
func (s *Server) settingsProfile(c echo.Context) error {
	return s.showOwnProfile(c, http.StatusOK, nil)
}

// showOwnProfile shows the profile as it is kept.
func (s *Server) showOwnProfile(c echo.Context, status int, problems Problems) error {
	u, err := s.Accounts.Me(c.Request().Context(), visitor(c))
	if err != nil {
		return err
	}
	form := profileForm{Email: string(u.Email), Phone: string(u.Phone), Website: string(u.Website), Bio: string(u.Bio)}
	return s.showProfile(c, status, form, problems)
}

func (s *Server) showProfile(c echo.Context, status int, form profileForm, problems Problems) error {
	return s.show(c, status, "settings_profile", settingsProfilePage{s.page(c, "Profile"), form, s.Accounts.SendsMail() && visitor(c).EmailVerifiedAt == nil, problems})
}

// The fields of the profile that survive a limit.
var profileFields = []SavedField{{Name: "email"}, {Name: "phone"}, {Name: "website"}, {Name: "bio", Label: "Bio"}}

// settingsProfileSend handles POST /settings/profile.
func (s *Server) settingsProfileSend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	in := accounts.ProfileIncoming{Email: form.Get("email"), Phone: form.Get("phone"), Website: form.Get("website"), Bio: form.Get("bio")}
	if err := s.mayMove(c, in.Email); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showProfile(c, status, profileForm(in), problems)
		})
	}
	if err := s.Accounts.UpdateProfile(c.Request().Context(), visitor(c), in); err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showProfile(c, status, profileForm(in), problems)
		})
	}
	return c.Redirect(http.StatusSeeOther, "/settings/profile?notice=profile")
}

// mayMove refuses another mail address from whoever has not proved of late to be
// there, where mail opens accounts: it would be a way to keep a stolen session.
func (s *Server) mayMove(c echo.Context, email string) error {
	if !s.Accounts.SendsMail() || VisitOf(c).Fresh {
		return nil
	}
	u, err := s.Accounts.Me(c.Request().Context(), visitor(c))
	if err != nil || strings.TrimSpace(email) == string(u.Email) {
		return err
	}
	return problem.OnField("email", "To change your email, confirm it's you first: open /confirm in another tab, then send this again.")
}

// avatarSend handles POST /settings/avatar: a form with one picture.
func (s *Server) avatarSend(c echo.Context) error {
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return errNotMultipart()
	}
	part, err := s.nextFile(c, parts, "avatar")
	if err == nil {
		err = s.Accounts.SetAvatar(c.Request().Context(), visitor(c), part)
	}
	if err != nil {
		drain(c)
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showOwnProfile(c, status, problems)
		})
	}
	return c.Redirect(http.StatusSeeOther, "/settings/profile?notice=avatar")
}

// avatarDelete handles POST /settings/avatar/delete.
func (s *Server) avatarDelete(c echo.Context) error {
	if err := s.Accounts.RemoveAvatar(c.Request().Context(), visitor(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/profile?notice=noavatar")
}

// settingsSecurity handles GET /settings/security.
func (s *Server) settingsSecurity(c echo.Context) error {
	return s.showSecurity(c, http.StatusOK, settingsSecurityPage{})
}

func (s *Server) showSecurity(c echo.Context, status int, data settingsSecurityPage) error {
	data.page = s.page(c, "Security")
	return s.show(c, status, "settings_security", data)
}

// settingsSecuritySend handles POST /settings/security.
func (s *Server) settingsSecuritySend(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.takePasswordTry(c, string(visitor(c).Username)); err != nil {
		return s.showWait(c, err, func(problems Problems, wait int) error {
			return s.showSecurity(c, http.StatusTooManyRequests, settingsSecurityPage{Problems: problems, Wait: wait})
		})
	}
	err = s.Accounts.ChangePassword(c.Request().Context(), actor(c), form.Get("current_password"), form.Get("password"), session(c))
	if err != nil {
		return s.showForm(err, func(status int, problems Problems) error {
			return s.showSecurity(c, status, settingsSecurityPage{Problems: problems})
		})
	}
	return c.Redirect(http.StatusSeeOther, "/settings/security?notice=password")
}

// settingsSessions handles GET /settings/sessions.
func (s *Server) settingsSessions(c echo.Context) error {
	sessions, err := s.Accounts.Sessions(c.Request().Context(), visitor(c))
	if err != nil {
		return err
	}
	data := settingsSessionsPage{page: s.page(c, "Sessions")}
	for _, one := range sessions {
		data.Sessions = append(data.Sessions, sessionRow{Session: one, Current: one.Hash == session(c)})
	}
	return s.show(c, http.StatusOK, "settings_sessions", data)
}

// sessionEnd handles POST /settings/sessions/end.
func (s *Server) sessionEnd(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if form.Get("all") != "" {
		err = s.Accounts.EndOtherSessions(ctx, visitor(c), session(c))
	} else {
		err = s.Accounts.EndSession(ctx, visitor(c), models.SecretHash(form.Get("session")))
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/sessions?notice=ended")
}

func errNotMultipart() error {
	return problem.New(problem.Malformed, "Send the file as multipart/form-data.")
}
