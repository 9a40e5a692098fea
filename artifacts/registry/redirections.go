package main

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	middleware "github.com/distribution/distribution/v3/registry/storage/driver/middleware"
)

func init() {
	_ = middleware.Register("redirections", func(_ context.Context, storage driver.StorageDriver, _ map[string]any) (driver.StorageDriver, error) {
		return redirections{storage}, nil
	})
}

// redirections leads to S3 only those requests that S3 answers as the registry would: for a whole blob, or one part of it.
// S3 has other ETags and other errors, and no answer to a question about several parts.
type redirections struct{ driver.StorageDriver }

// The digest of no bytes: storages differ in what they say of a part of nothing.
const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// RedirectURL returns nothing if the registry is to answer itself.
func (r redirections) RedirectURL(request *http.Request, path string) (string, error) {
	if request.Method != http.MethodGet || isConditional(request.Header) || strings.Contains(path, ofNothing) {
		return "", nil
	}
	if ranges := request.Header.Values("Range"); len(ranges) > 0 {
		first, one := firstOfOnePart(ranges)
		if !one {
			return "", nil
		}
		if first > 0 {
			blob, err := r.Stat(request.Context(), path)
			if err != nil {
				return "", err
			}
			if first >= blob.Size() {
				return "", nil
			}
		}
	}
	return r.StorageDriver.RedirectURL(request, path)
}

func isConditional(headers http.Header) bool {
	for _, name := range []string{"If-Match", "If-None-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since"} {
		if len(headers.Values(name)) > 0 {
			return true
		}
	}
	return false
}

var onePart = regexp.MustCompile(`^bytes=(?:(\d{1,18})-(\d{0,18})|-0*[1-9]\d{0,17})$`)

// firstOfOnePart returns the first byte of a part, or 0 if it is counted from the end, and whether there is one part only, the
// end of which is not before its beginning.
func firstOfOnePart(ranges []string) (int64, bool) {
	match := onePart.FindStringSubmatch(ranges[0])
	if len(ranges) > 1 || match == nil {
		return 0, false
	}
	first, _ := strconv.ParseInt(match[1], 10, 64)
	last, err := strconv.ParseInt(match[2], 10, 64)
	return first, err != nil || first <= last
}
