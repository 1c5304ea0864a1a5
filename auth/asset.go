package auth

import "net/http"

// Asset answers with a file that is the same for everybody: contentType, and etag without
// its quotes. Browsers keep it for an hour and then ask whether it has changed.
func (c *Call) Asset(contentType, etag string, body []byte) error {
	h := c.w.Header()
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("ETag", `"`+etag+`"`)
	c.answered = true
	if c.r.Header.Get("If-None-Match") == `"`+etag+`"` {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", contentType)
	_, err := c.w.Write(body)
	return err
}
