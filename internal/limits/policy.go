package limits

import "strings"

// Defaults returns the policy without LIMITS.
func Defaults() Policy {
	return Policy{rules: []Rule{
		line(Page, "Pages", ByVisitor, Times, tiered("20-S,300-M", "10-S,100-M", "1000-M")),
		line(Part, "Images on pages", ByVisitor, Times, alike("2000-M")),
		line(Search, "Searches", ByVisitor, Times, tiered("5-S,30-M", "5-S,30-M", "1000-M")),
		line(Login, "Sign-in attempts from your address", ByAddress, Times, alike("60-M,300-H")),
		line(LoginAccount, "Sign-in attempts for one account", ByAccount, Times, alike("5-M,20-H")),
		line(LoginElsewhere, "Sign-in attempts for one account from new networks", ByName, Times, alike("30-H")),
		line(Unlock, "Passwords tried for one link", ByAccount, Times, alike("10-M,60-H")),
		line(ShareMiss, "Links that open nothing", ByAddress, Times, alike("60-M,600-H")),
		line(Stray, "Requests that lead nowhere", ByAddress, Times, alike("20-S,120-M")),
		line(Register, "Registrations from your address", ByAddress, Times, alike("10-M,60-H")),
		line(Reset, "Password resets", ByAddress, Times, alike("5-M,20-H")),
		line(Setup, "Setup link attempts", ByAddress, Times, alike("10-M,60-H")),
		line(Post, "Posts", ByVisitor, Times, tiered("5-M,20-H", "5-M,50-H", "1000-M")),
		line(Comment, "Comments", ByVisitor, Times, tiered("5-M,20-H", "10-M,200-H", "1000-M")),
		line(Change, "Changes", ByVisitor, Times, tiered("20-M,200-H", "20-M,300-H", "1000-M")),
		line(Delete, "Deletions", ByVisitor, Times, tiered("20-M,200-H", "30-M,600-H", "1000-M")),
		line(Upload, "Uploads", ByVisitor, Times, tiered("20-M,100-H", "5-S,60-M,1000-H", "1000-M")),
		line(UploadBytes, "Bytes uploaded", ByVisitor, Bytes, tiered("5GiB-D", "20GiB-D", "1TiB-D")),
		line(UploadsAtOnce, "Uploads at once", ByVisitor, AtOnce, atOnce(4, 6, 12, 24, 48)),
		line(Download, "Downloads", ByVisitor, Times, tiered("20-S,300-M", "10-S,100-M", "1000-M")),
		line(DownloadBytes, "Bytes downloaded", ByVisitor, Bytes, tiered("100GiB-D", "100GiB-D", "10TiB-D")),
		line(DownloadsAtOnce, "Downloads at once", ByVisitor, AtOnce, atOnce(32, 16, 32, 64, 128)),
		line(Zip, "Archive downloads", ByVisitor, Times, tiered("6-M,30-H", "6-M,60-H", "1000-M")),
		line(Report, "Reports", ByVisitor, Times, tiered("5-M,20-H", "5-M,50-H", "1000-M")),
		line(Browser, "Browser reports", ByAddress, Times, alike("10-S,60-M")),
		line(BrowserAll, "Browser reports of all visitors", ByAll, Times, alike("50-S,300-M")),
		line(APIRead, "API reads", ByVisitor, Times, tiered("10-M", "60-M", "1000-M")),
		line(APIWrite, "API writes", ByVisitor, Times, tiered("5-M", "5-M", "1000-M")),
		line(Admin, "Admin panel requests", ByVisitor, Times, alike("1000-M")),
	}}
}

// line returns a rule whose windows slide.
func line(act Act, says string, by Key, unit Unit, rates map[Class][]Rate) Rule {
	return Rule{Act: act, Says: says, By: by, Strategy: Sliding, Unit: unit, Rates: rates}
}

// The tiers' rates are 1 to 5 to 10.
const (
	proTimes     = 5
	premiumTimes = 10
)

// tiered reads the rates of guests, of the free tier, which the other tiers
// multiply, and of admins.
func tiered(guest, free, admins string) map[Class][]Rate {
	return map[Class][]Rate{
		Guest: must(guest), Free: must(free), Pro: times(must(free), proTimes), Premium: times(must(free), premiumTimes), Admins: must(admins),
	}
}

// alike gives every class the same rates.
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

// must reads rates that are constants; a test reads each.
func must(text string) []Rate {
	rates, err := parseRates(strings.Split(text, ","), Bytes)
	if err != nil {
		panic(err)
	}
	return rates
}
