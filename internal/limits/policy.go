package limits

import "strings"

// Defaults returns the policy of a site that sets nothing. LIMITS in the
// environment overrides single rates of it.
func Defaults() Policy {
	return Policy{rules: []Rule{
		{Page, "Pages", ByVisitor, Sliding, Times, tiered("20-S,300-M", "10-S,100-M", "1000-M")},
		{Part, "Images on pages", ByVisitor, Sliding, Times, alike("2000-M")},
		{Search, "Searches", ByVisitor, Sliding, Times, tiered("5-S,30-M", "5-S,30-M", "1000-M")},
		{Login, "Sign-in attempts from your address", ByAddress, Sliding, Times, alike("60-M,300-H")},
		{LoginAccount, "Sign-in attempts for one account", ByAccount, Sliding, Times, alike("5-M,20-H")},
		{Register, "Registrations from your address", ByAddress, Sliding, Times, alike("10-M,60-H")},
		{Reset, "Password resets", ByAddress, Sliding, Times, alike("5-M,20-H")},
		{Setup, "Setup link attempts", ByAddress, Sliding, Times, alike("10-M,60-H")},
		{Unlock, "Share password attempts", ByAddress, Sliding, Times, alike("30-M,200-H")},
		{Post, "Posts", ByVisitor, Sliding, Times, tiered("5-M,20-H", "5-M,50-H", "1000-M")},
		{Comment, "Comments", ByVisitor, Sliding, Times, tiered("5-M,20-H", "10-M,200-H", "1000-M")},
		{Change, "Changes", ByVisitor, Sliding, Times, tiered("20-M,200-H", "20-M,300-H", "1000-M")},
		{Delete, "Deletions", ByVisitor, Sliding, Times, tiered("20-M,200-H", "30-M,600-H", "1000-M")},
		{Upload, "Uploads", ByVisitor, Sliding, Times, tiered("20-M,100-H", "5-S,60-M,1000-H", "1000-M")},
		{UploadBytes, "Bytes uploaded", ByVisitor, Sliding, Bytes, tiered("5GiB-D", "20GiB-D", "1TiB-D")},
		{UploadsAtOnce, "Uploads at once", ByVisitor, Fixed, AtOnce, atOnce(4, 6, 12, 24, 48)},
		{Download, "Downloads", ByVisitor, Sliding, Times, tiered("20-S,300-M", "10-S,100-M", "1000-M")},
		{DownloadBytes, "Bytes downloaded", ByVisitor, Sliding, Bytes, tiered("100GiB-D", "100GiB-D", "10TiB-D")},
		{DownloadsAtOnce, "Downloads at once", ByVisitor, Fixed, AtOnce, atOnce(32, 16, 32, 64, 128)},
		{Zip, "Archive downloads", ByVisitor, Sliding, Times, tiered("6-M,30-H", "6-M,60-H", "1000-M")},
		{Report, "Reports", ByVisitor, Sliding, Times, tiered("5-M,20-H", "5-M,50-H", "1000-M")},
		{Browser, "Browser reports", ByAddress, Sliding, Times, alike("10-S,60-M")},
		{APIRead, "API reads", ByVisitor, Sliding, Times, tiered("10-M", "10-M", "1000-M")},
		{APIWrite, "API writes", ByVisitor, Sliding, Times, tiered("5-M", "5-M", "1000-M")},
		{Admin, "Admin panel requests", ByVisitor, Sliding, Times, alike("1000-M")},
	}}
}

// The tiers' rates are 1 to 5 to 10.
const (
	proTimes     = 5
	premiumTimes = 10
)

// tiered reads the rates of guests, of the free tier, from which those of the
// others follow, and of admins.
func tiered(guest, free, admins string) map[Class][]Rate {
	return map[Class][]Rate{
		Guest: must(guest), Free: must(free), Pro: times(must(free), proTimes), Premium: times(must(free), premiumTimes), Admins: must(admins),
	}
}

// alike gives every class the same rates: who acts is not known yet, or does
// not matter.
func alike(text string) map[Class][]Rate {
	rates := map[Class][]Rate{}
	for _, class := range Classes() {
		rates[class] = must(text)
	}
	return rates
}

func atOnce(most ...int64) map[Class][]Rate {
	rates := map[Class][]Rate{}
	for i, class := range Classes() {
		rates[class] = []Rate{{Limit: most[i]}}
	}
	return rates
}

func times(rates []Rate, n int64) []Rate {
	wider := make([]Rate, len(rates))
	for i, r := range rates {
		wider[i] = Rate{Period: r.Period, Limit: r.Limit * n}
	}
	return wider
}

// must reads rates of ours; a test reads each.
func must(text string) []Rate {
	rates, err := parseRates(strings.Split(text, ","), Bytes)
	if err != nil {
		panic(err)
	}
	return rates
}
