package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket is a Storage in a bucket of a service that speaks S3, which many processes can share.
type Bucket struct {
	client *minio.Client
	name   string
}

// errBucketAddress refuses an address; it does not repeat it, because there is a secret in it.
var errBucketAddress = errors.New("not like s3://KEY:SECRET@host/bucket?region=eu-central-1")

// OpenBucket returns the storage in the bucket of an address like
// s3://KEY:SECRET@host/bucket?region=eu-central-1, with tls=off at the end to speak plain HTTP. The
// bucket has to be there. No error names the secret.
func OpenBucket(ctx context.Context, address string) (*Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil {
		return nil, errBucketAddress
	}
	name, secret, query := strings.Trim(u.Path, "/"), "", u.Query()
	secret, _ = u.User.Password()
	if name == "" || strings.Contains(name, "/") {
		return nil, errBucketAddress
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(u.User.Username(), secret, ""), Region: query.Get("region"), Secure: query.Get("tls") != "off",
		MaxRetries: 4,
	})
	if err != nil {
		return nil, fmt.Errorf("bucket %s at %s: %w", name, u.Host, err)
	}
	found, err := client.BucketExists(ctx, name)
	if err == nil && !found {
		err = errors.New("it is not there")
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s at %s: %w", name, u.Host, err)
	}
	return &Bucket{client, name}, nil
}

func (b *Bucket) Put(ctx context.Context, name string, content io.Reader, size int64) error {
	if _, err := b.client.PutObject(ctx, b.name, name, content, size, minio.PutObjectOptions{}); err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	return nil
}

func (b *Bucket) Open(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, name, minio.GetObjectOptions{})
	if err == nil {
		_, err = object.Stat() // GetObject asks for nothing yet
	}
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		err = fmt.Errorf("%w: %s", ErrNotFound, name)
	}
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	return object, nil
}

// Remove removes a content. S3 finds nothing wrong with one that is not there.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	if err := b.client.RemoveObject(ctx, b.name, name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}
