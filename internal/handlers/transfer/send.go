package transfer

import (
	"context"
	"io"
	"maps"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/storage"
)

// Bytes is a blob on its way to a visitor.
type Bytes struct {
	Blob        *storage.Blob
	MediaType   string // ours, never the uploader's
	ETag        string
	Disposition string                      // empty: an image within a page of ours
	Cache       string                      // empty: ask again each time, for rights may change
	May         func(context.Context) error // polled during the transfer; nil: it is too short for that
	Charged     bool                        // to the visitor; what is part of a page is free
}

// PartOfPage returns a blob that a page of ours shows: it is small, and free.
func PartOfPage(blob *storage.Blob, mediaType, etag string) Bytes {
	return Bytes{Blob: blob, MediaType: mediaType, ETag: etag, Disposition: "", Cache: "", May: nil, Charged: false}
}

// SendBytes is the one place that serves what users uploaded, so its guards
// cannot be forgotten. It answers ranges, conditions and HEAD (RFC 9110).
func (l *Line) SendBytes(c echo.Context, what Bytes) error {
	set := func(h http.Header) {
		h.Set(gate.HeaderPolicy, gate.BytesPolicy)
		h.Set(echo.HeaderContentType, filetypes.Header(what.MediaType))
		h.Set("ETag", what.ETag)
		h.Set("Cache-Control", "private, no-cache")
		if what.Cache != "" {
			h.Set("Cache-Control", what.Cache)
		}
		if what.Disposition != "" {
			h.Set(echo.HeaderContentDisposition, what.Disposition)
		}
	}
	cost := free
	if what.Charged && c.Request().Method != http.MethodHead {
		cost = what.Blob.Size
	}
	return l.send(c, set, what.May, cost, func(out *minRateWriter) error {
		// net/http's own writer and the very *os.File: then the kernel copies.
		http.ServeContent(out, c.Request(), "", what.Blob.ModTime, what.Blob.ReadSeekCloser)
		return nil
	})
}

// SendArchive streams a zip archive, whose length nobody knows before it is
// written, as a download named name. An error on the way cuts the connection, so
// that the visitor does not take a part for the whole. size is what is charged,
// in bytes, until the number that was sent is known.
func (l *Line) SendArchive(c echo.Context, name string, may func(context.Context) error, size int64, write func(io.Writer) error) error {
	set := func(h http.Header) {
		h.Set(echo.HeaderContentType, "application/zip")
		h.Set(echo.HeaderContentDisposition, Disposition("attachment", name))
	}
	if c.Request().Method == http.MethodHead {
		set(c.Response().Header())
		return c.NoContent(http.StatusOK)
	}
	return l.send(c, set, may, size, func(out *minRateWriter) error {
		if out.WriteHeader(http.StatusOK); out.refused != nil {
			return nil
		}
		return write(out)
	})
}

const free int64 = -1 // the cost of a transfer that is not charged

// send lets write send a body through the chain of writers (see the package
// comment): at a least rate, charged, and cut once may denies it. set sets the
// headers, which are taken back where the charge is refused. An error of write
// aborts the response.
func (l *Line) send(
	c echo.Context, set func(http.Header), may func(context.Context) error, cost int64, write func(*minRateWriter) error,
) error {
	h := c.Response().Header()
	before := maps.Clone(h)
	set(h)
	out := newMinRateWriter(c.Response().Writer, l.Options.WriteTimeout)
	defer out.watch(c.Request().Context(), may)()
	if cost != free {
		defer l.chargeDownload(c, out, cost)()
	}
	err := write(out)
	if out.refused != nil {
		clear(h)
		maps.Copy(h, before)
		l.SetLimitHeaders(c, nil) // they were counted in between
		return out.refused
	}
	c.Response().Status, c.Response().Size, c.Response().Committed = out.status, out.written, true
	if err != nil {
		l.Log.WarnContext(c.Request().Context(), "a download was cut", "user", gate.Visitor(c).ID, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
