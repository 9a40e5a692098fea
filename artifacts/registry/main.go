// The registry that the nodes run: distribution, with only the parts that a cluster can use.
package main

import (
	"net/http"
	"os"

	"github.com/distribution/distribution/v3/health"
	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/s3-aws"
)

func main() {
	// The debug port serves Go's default mux, where packages have put profiles, variables and a switch that turns health off.
	// In a new one are health and, by the config's word, metrics.
	http.DefaultServeMux = http.NewServeMux()
	http.HandleFunc("/debug/health", health.StatusHandler)

	if registry.RootCmd.Execute() != nil {
		os.Exit(1)
	}
}
