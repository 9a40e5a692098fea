package main

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/distribution/distribution/v3/registry/storage/driver"
	middleware "github.com/distribution/distribution/v3/registry/storage/driver/middleware"
	lru "github.com/hashicorp/golang-lru/v2"
)

func init() {
	_ = middleware.Register("redirections", func(_ context.Context, storage driver.StorageDriver, _ map[string]any) (driver.StorageDriver, error) {
		sizes, err := lru.New[string, int64](1024)
		return redirections{storage, sizes}, err
	})
}

// redirections leads to S3 only those requests that S3 answers as the registry would: for a whole blob, or one part of it.
// S3 has other ETags and other errors, and no answer to a question about several parts.
type redirections struct {
	driver.StorageDriver
	// Of what was just looked for, so that S3 need not be asked twice. The path of a blob says what is in it, so its size never changes.
	sizes *lru.Cache[string, int64]
}

// tellSize is what proxies ask for that follow the URL themselves: they keep no large blobs. No fragment of it goes to S3.
const tellSize = "X-Tell-Size"

// The digest of no bytes: storages differ in what they say of a part of nothing.
const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// RedirectURL returns nothing if the registry is to answer itself.
func (r redirections) RedirectURL(request *http.Request, path string) (string, error) {
	if request.Method != http.MethodGet || isConditional(request.Header) || strings.Contains(path, ofNothing) {
		return "", nil
	}
	size, err := r.size(request.Context(), path)
	if err != nil {
		return "", err
	}
	if ranges := request.Header.Values("Range"); len(ranges) > 0 {
		if first, one := firstOfOnePart(ranges); !one || first >= size {
			return "", nil
		}
	}
	url, err := r.StorageDriver.RedirectURL(request, path)
	if url != "" && request.Header.Get(tellSize) != "" {
		url += "#size=" + strconv.FormatInt(size, 10)
	}
	return url, err
}

// Stat is what the registry asks just before it wants to redirect.
func (r redirections) Stat(ctx context.Context, path string) (driver.FileInfo, error) {
	info, err := r.StorageDriver.Stat(ctx, path)
	if err == nil && isBlob.MatchString(path) {
		r.sizes.Add(path, info.Size())
	}
	return info, err
}

var isBlob = regexp.MustCompile(`/blobs/[a-z0-9]+/[0-9a-f]{2}/[0-9a-f]+/data$`)

func (r redirections) size(ctx context.Context, path string) (int64, error) {
	if size, known := r.sizes.Get(path); known {
		return size, nil
	}
	info, err := r.Stat(ctx, path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
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
