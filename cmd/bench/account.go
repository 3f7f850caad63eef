package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// An account is a user on our server, with the request headers that authenticate it.
type account struct {
	cookie string // for browser requests
	bearer string // for API requests
}

// site sends requests like a browser without JavaScript, and follows no redirects.
var site = http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 256},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

var secretOnPage = regexp.MustCompile(`<code id="secret">([^<]+)</code>`)

// register creates an account on the server at addr, and an API token.
func register(ctx context.Context, addr, name string) (a account, err error) {
	form := url.Values{"username": {name}, "email": {name + "@example.org"}, "password": {"four horses and a battery"}}
	answer, _, err := a.send(ctx, addr, "/register", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()),
		http.StatusSeeOther)
	if err != nil {
		return a, err
	}
	for _, cookie := range answer.Cookies() {
		if strings.HasSuffix(cookie.Name, "session") { // another one has the notice for the next page
			a.cookie = "Cookie: " + cookie.Name + "=" + cookie.Value + "\r\n"
		}
	}
	_, page, err := a.send(ctx, addr, "/settings/tokens", "application/x-www-form-urlencoded",
		strings.NewReader("name=bench&scope=read&scope=write&scope=upload"), http.StatusCreated)
	if err != nil {
		return a, err
	}
	found := secretOnPage.FindSubmatch(page)
	if found == nil {
		return a, errors.New("the page shows no token")
	}
	a.bearer = "Authorization: Bearer " + string(found[1]) + "\r\n"
	return a, nil
}

// send submits a form, or requests a page if body is nil, as the user.
func (a account) send(
	ctx context.Context, addr, path, mediaType string, body io.Reader, status int,
) (*http.Response, []byte, error) {
	method := http.MethodPost
	if body == nil {
		method, body = http.MethodGet, http.NoBody
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+addr+path, body)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	request.Header.Set("Sec-Fetch-Site", "same-origin") // as current browsers do
	if _, cookie, ok := strings.Cut(strings.TrimSpace(a.cookie), ": "); ok {
		request.Header.Set("Cookie", cookie)
	}
	answer, err := site.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != status {
		err = fmt.Errorf("%s answers %s:\n%.2000s", path, answer.Status, page)
	}
	return answer, page, err
}

// publish creates a public post with a file and returns the path of the file.
func (a account) publish(ctx context.Context, addr, name string, content []byte) (string, error) {
	body := &bytes.Buffer{}
	form := multipart.NewWriter(body)
	var errs []error
	fields := map[string]string{"title": "A post", "content": "With a file.", "visibility": "public", "everyone": "yes", "tags": ""}
	for field, value := range fields {
		errs = append(errs, form.WriteField(field, value))
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return "", err
	}
	_, err = part.Write(content)
	if err = errors.Join(append(errs, err, form.Close())...); err != nil {
		return "", err
	}
	answer, _, err := a.send(ctx, addr, "/posts", form.FormDataContentType(), body, http.StatusSeeOther)
	if err != nil {
		return "", err
	}
	_, page, err := a.send(ctx, addr, answer.Header.Get("Location"), "", nil, http.StatusOK)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`/files/\w+/` + regexp.QuoteMeta(name)).Find(page)
	if found == nil {
		return "", errors.New("the post does not show its file")
	}
	return string(found), nil
}
