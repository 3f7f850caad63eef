package files

import (
	"context"

	"example.org/cloakroom/internal/problem"
)

// An Outcome is what became of an upload, for the metrics.
type Outcome int

// The outcomes.
const (
	Stored      Outcome = iota
	TooLarge            // the file, or what its owner stores together
	Refused             // a file that is not allowed, or a name that is not
	Interrupted         // the sender stopped
	Failed              // because of an error of the site
	outcomes
)

// String returns the name of the outcome in the metrics.
func (o Outcome) String() string {
	return [outcomes]string{"stored", "too_large", "refused", "interrupted", "failed"}[o]
}

// Uploads calls do with each outcome, and the uploads that had it since the start.
func (s *Service) Uploads(do func(Outcome, int64)) {
	for o := range outcomes {
		do(o, s.outcomes[o].Load())
	}
}

// outcomeOf returns the outcome of an upload that ended with err.
func outcomeOf(ctx context.Context, err error) Outcome {
	if err == nil {
		return Stored
	}
	switch problem.KindOf(err) {
	case problem.TooLarge:
		return TooLarge
	case problem.Malformed, problem.Timeout:
		return Interrupted
	case problem.Internal, problem.Unavailable:
		if ctx.Err() != nil {
			return Interrupted
		}
		return Failed
	default:
		return Refused
	}
}
