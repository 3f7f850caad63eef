package handlers_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"testing"
)

// A part is a file in a form.
type part struct {
	field, name, mediaType string
	content                []byte
}

// postForm sends a form with files, its fields first.
func (b *browser) postForm(path string, fields url.Values, parts ...part) *httptest.ResponseRecorder {
	b.t.Helper()
	body, contentType := multipartForm(b.t, fields, parts...)
	r := httptest.NewRequest(http.MethodPost, publicURL+path, body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func multipartForm(t testing.TB, fields url.Values, parts ...part) (body *bytes.Buffer, contentType string) {
	t.Helper()
	body = new(bytes.Buffer)
	w := multipart.NewWriter(body)
	for name, values := range fields {
		for _, value := range values {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range parts {
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, p.field, p.name))
		if p.mediaType != "" {
			header.Set("Content-Type", p.mediaType)
		}
		if _, err := must(w.CreatePart(header))(t).Write(p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

// drawing returns an image in two colours, so that thumbnails can be told
// apart.
func drawing(width, height int) image.Image {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: 200, G: 40, B: 40, A: 255}
			if x > width/2 {
				c = color.RGBA{R: 30, G: 60, B: uint8(y), A: 255}
			}
			picture.SetRGBA(x, y, c)
		}
	}
	return picture
}

func drawJPEG(t testing.TB, width, height int) []byte {
	t.Helper()
	return encoded(t, func(w io.Writer) error { return jpeg.Encode(w, drawing(width, height), nil) })
}

func drawPNG(t testing.TB, width, height int) []byte {
	t.Helper()
	return encoded(t, func(w io.Writer) error { return png.Encode(w, drawing(width, height)) })
}

func encoded(t testing.TB, encode func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
