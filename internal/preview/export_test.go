package preview

import "time"

// The bounds of a patient Maker, which are reached soon.
const (
	PatientCounted  = 1500
	PatientUnpacked = 1 << 20
	PatientXML      = 4 << 20
)

// NewPatientMaker returns a Maker that does not look at the time.
func NewPatientMaker(parallel int, wait time.Duration) *Maker {
	m := NewMaker(parallel, wait)
	m.bounds = bounds{highlight: time.Hour, listing: time.Hour, counted: PatientCounted, unpacked: PatientUnpacked, xml: PatientXML}
	return m
}
