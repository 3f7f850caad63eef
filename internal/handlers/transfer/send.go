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

// Bytes are a blob to send, with what its response needs.
type Bytes struct {
	Blob        *storage.Blob
	MediaType   string // chosen by the site, never by the uploader
	ETag        string
	Disposition string                      // empty: an image in a page
	Cache       string                      // empty: browsers revalidate each time, because access can change
	May         func(context.Context) error // polled while bytes are sent; nil: always allows
	Charged     bool                        // the visitor pays for the bytes; parts of a page are free
}

// PartOfPage returns the Bytes of a small image in a page: they are free, and access
// is not checked while they are sent.
func PartOfPage(blob *storage.Blob, mediaType, etag string) Bytes {
	return Bytes{Blob: blob, MediaType: mediaType, ETag: etag, Disposition: "", Cache: "", May: nil, Charged: false}
}

// SendBytes is the only function that serves uploaded bytes, so none are sent without
// its headers. It supports ranges, conditions and HEAD (RFC 9110).
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
		// The kernel copies if it gets net/http's writer and the *os.File itself.
		http.ServeContent(out, c.Request(), "", what.Blob.ModTime, what.Blob.ReadSeekCloser)
		return nil
	})
}

// SendArchive streams the zip archive that write writes, as a download called name.
// Its length is unknown in advance: it charges size bytes, and refunds what is not
// sent. An error of write aborts the connection, so that the client knows that the
// archive is incomplete.
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

// free is the cost of a download that is not charged.
const free int64 = -1

// send lets write send a body through the chain of writers in the package comment:
// at a minimum rate, charged, and cut once may denies access. set sets the headers,
// which send removes again if the charge is refused. An error of write aborts the
// response.
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
		l.SetLimitHeaders(c, nil) // those of the windows of the charge were removed too
		return out.refused
	}
	c.Response().Status, c.Response().Size, c.Response().Committed = out.status, out.written, true
	if err != nil {
		l.Log.WarnContext(c.Request().Context(), "a download was cut", "user", gate.Visitor(c).ID, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
