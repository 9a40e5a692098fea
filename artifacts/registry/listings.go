package main

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/distribution/distribution/v3"
	middleware "github.com/distribution/distribution/v3/registry/middleware/registry"
	"github.com/distribution/distribution/v3/registry/storage/driver"
	"github.com/distribution/reference"
)

const repositoriesFolder = "/docker/registry/v2/repositories"

func init() {
	_ = middleware.Register("listings", func(_ context.Context, registry distribution.Namespace, storage driver.StorageDriver, _ map[string]any) (distribution.Namespace, error) {
		return listings{registry, registry.(distribution.RepositoryRemover), storage}, nil
	})
}

// listings lists tags and repositories in the order of their names, and cuts pages out of that. distribution takes S3's order of
// keys, in which `v1-rc/` is before `v1/`, and looks for what is greater than the last name of a page: of tags, it loses some.
type listings struct {
	distribution.Namespace
	distribution.RepositoryRemover
	storage driver.StorageDriver
}

func (l listings) Repository(ctx context.Context, name reference.Named) (distribution.Repository, error) {
	found, err := l.Namespace.Repository(ctx, name)
	return repository{found, l.storage}, err
}

// Repositories fills names with those after last. It returns io.EOF with the last ones.
func (l listings) Repositories(ctx context.Context, names []string, last string) (int, error) {
	found, err := repositoriesAfter(ctx, l.storage, last, len(names)+1)
	if err != nil {
		return 0, err
	}
	filled := copy(names, found)
	if len(found) <= len(names) {
		return filled, io.EOF
	}
	return filled, nil
}

type repository struct {
	distribution.Repository
	storage driver.StorageDriver
}

func (r repository) Tags(ctx context.Context) distribution.TagService {
	return tags{r.Repository.Tags(ctx), r.Named().Name(), r.storage}
}

type tags struct {
	distribution.TagService
	repository string
	storage    driver.StorageDriver
}

// List returns so many tags after last, or all of them if the limit is negative. It returns io.EOF with the last ones.
func (t tags) List(ctx context.Context, limit int, last string) ([]string, error) {
	all, err := t.All(ctx)
	if unknown := (distribution.ErrRepositoryUnknown{}); errors.As(err, &unknown) {
		// S3 has no empty folders: a repository whose tags are all deleted looks like one that never was.
		if _, missing := t.storage.List(ctx, path.Join(repositoriesFolder, t.repository, "_manifests")); missing != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	slices.Sort(all)
	from, found := slices.BinarySearch(all, last)
	if found {
		from++
	}
	rest := all[from:]
	if limit < 0 || len(rest) <= limit {
		return rest, io.EOF
	}
	return rest[:limit], nil
}

// folder may hold a repository, and others below it. What is in it is asked for ahead of time.
type folder struct {
	name    string
	content chan content
}

type content struct {
	isRepository bool
	folders      []string
	err          error
}

// As many questions to S3 at once.
const ahead = 16

// repositoriesAfter finds the first so many repositories after last. It looks into no more folders than it must: always into that
// with the least name, whose folders all have greater ones.
func repositoriesAfter(ctx context.Context, storage driver.StorageDriver, last string, limit int) ([]string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var found []string
	root := contentOf(ctx, storage, "")
	queue, err := foldersOf(root, "", last), root.err
	for err == nil && len(found) < limit && len(queue) > 0 {
		for i := range queue[:min(len(queue), ahead, limit-len(found))] {
			askAhead(ctx, storage, &queue[i])
		}
		least := queue[0]
		inside := <-least.content
		if inside.isRepository && least.name > last {
			found = append(found, least.name)
		}
		queue, err = merged(foldersOf(inside, least.name, last), queue[1:]), inside.err
	}
	return found, err
}

func askAhead(ctx context.Context, storage driver.StorageDriver, f *folder) {
	if f.content != nil {
		return
	}
	answer, name := make(chan content, 1), f.name
	f.content = answer
	go func() { answer <- contentOf(ctx, storage, name) }()
}

func contentOf(ctx context.Context, storage driver.StorageDriver, name string) content {
	entries, err := storage.List(ctx, path.Join(repositoriesFolder, name))
	// One that has just been deleted, or the first of all while there is none.
	if missing := (driver.PathNotFoundError{}); errors.As(err, &missing) {
		return content{}
	}
	inside := content{err: err}
	for _, entry := range entries {
		switch base := path.Base(entry); {
		case base == "_manifests":
			inside.isRepository = true
		case !strings.HasPrefix(base, "_"):
			inside.folders = append(inside.folders, base)
		}
	}
	return inside
}

// foldersOf lists those in which there can be a name after last, in order. `0` comes right after `/`.
func foldersOf(inside content, name, last string) []folder {
	var folders []folder
	for _, base := range inside.folders {
		if below := path.Join(name, base); last < below+"0" {
			folders = append(folders, folder{name: below})
		}
	}
	slices.SortFunc(folders, byName)
	return folders
}

func merged(some, others []folder) []folder {
	if len(some) == 0 {
		return others
	}
	all := append(some, others...)
	slices.SortFunc(all, byName)
	return all
}

func byName(a, b folder) int { return strings.Compare(a.name, b.name) }
