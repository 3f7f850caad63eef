// Package seal keeps small secrets where others may read: in the rows of the
// database. It is the only package that encrypts.
package seal
