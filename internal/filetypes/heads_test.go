package filetypes_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
)

// contents holds one small file per type; most are cut.
var contents = map[string][]byte{
	"jpeg": []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"),
	"png":  []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x0cIDAT"),
	"apng": []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00\x08acTL"),
	"gif":  []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,"),
	"webp": []byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"),
	"svg":  []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
	"tiff": []byte("II*\x00\x08\x00\x00\x00"),
	"bmp":  append([]byte("BM\x9a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), make([]byte, 40)...),
	"heic": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"),
	"avif": []byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf"),
	"mp3":  []byte("ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00"),
	"m4a":  []byte("\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00M4A mp42isom\x00\x00\x00\x00"),
	"aac":  []byte("\xff\xf1\x50\x80\x02\x1f\xfc"),
	"flac": []byte("fLaC\x00\x00\x00\x22"),
	"opus": append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x13"),
		"OpusHead\x01\x02"...),
	"ogv": append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x2a"),
		"\x80theora\x03\x02\x01"...),
	"wav": []byte("RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00"),
	"mp4": []byte("\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"),
	"3gp": []byte("\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00isom3gp4"),
	"webm": append([]byte("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84"),
		"webm\x42\x87\x81\x04"...),
	"mkv": append([]byte("\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x88"),
		"matroska\x42\x87\x81\x04"...),
	"mov":          []byte("\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  "),
	"pdf":          []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
	"doc":          oleOf("WordDocument"),
	"xls":          oleOf("Workbook"),
	"xls5":         oleOf("Book"),
	"ppt":          oleOf("Current User", "SummaryInformation", "Pictures", "PowerPoint Document"),
	"both":         oleOf("Workbook", "WordDocument"), // one is embedded in the other
	"locked":       oleOf("EncryptionInfo", "EncryptedPackage"),
	"msg":          oleOf("__properties_version1.0"),
	"docx":         zipOf("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
	"xlsx":         zipOf("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"),
	"pptx":         zipOf("[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"),
	"late":         zipOf("[Content_Types].xml", "docProps/"+strings.Repeat("x", 6000), "word/document.xml"),
	"zip":          zipOf("notes.txt"),
	"words":        zipOf("notes.txt", "word/document.xml"), // no Office program begins a file like this
	"jar":          zipOf("META-INF/MANIFEST.MF"),
	"odt":          zipOf("mimetype=application/vnd.oasis.opendocument.text"),
	"ods":          zipOf("mimetype=application/vnd.oasis.opendocument.spreadsheet"),
	"odp":          zipOf("mimetype=application/vnd.oasis.opendocument.presentation"),
	"rtf":          []byte(`{\rtf1\ansi hello}`),
	"text":         []byte("Hello, world.\nThis is text.\n"),
	"md":           []byte("# Hello\n\n- a\n- b\n"),
	"csv":          []byte("a,b,c\n1,2,3\n4,5,6\n"),
	"json":         []byte(`{"a": [1, 2, 3]}`),
	"html":         []byte("<!DOCTYPE html><html><script>alert(1)</script></html>"),
	"tags":         []byte("  \n<h1>Hello</h1>\n"),
	"xml":          []byte(`<?xml version="1.0"?><x/>`),
	"mhtml":        []byte("From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>"),
	"shell":        []byte("#!/bin/sh\necho hello\n"),
	"exe":          []byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"),
	"gz":           []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"),
	"bz2":          []byte("BZh91AY&SY\x00"),
	"xz":           []byte("\xfd7zXZ\x00\x00\x04"),
	"7z":           []byte("7z\xbc\xaf\x27\x1c\x00\x04"),
	"rar":          []byte("Rar!\x1a\x07\x01\x00"),
	"zst":          []byte("\x28\xb5\x2f\xfd\x24\x00"),
	"tar":          tarHead(true),
	"late docx":    zipOf("[Content_Types].xml", "docProps/thumbnail.jpeg="+strings.Repeat("x", 20000), "word/document.xml"),
	"trash docx":   zipOf("[trash]/0000.dat", "[Content_Types].xml", "word/document.xml"),
	"late odt":     zipOf("content.xml="+strings.Repeat("x", 20000), "mimetype=application/vnd.oasis.opendocument.text"),
	"deflated odt": deflated("mimetype", "application/vnd.oasis.opendocument.text"),
	"epub":         zipOf("mimetype=application/epub+zip"),
	"prefixed":     append([]byte("MZ\x00\x01 unzips itself"), zipOf("a")...),
	"cut zip":      zipOf("notes.txt")[:40],
	"no entries":   zipOf(),
	"mp4 moov":     []byte("\x00\x00\x00\x08wide\x00\x00\x00\x10mdat12345678\x00\x00\x00\x10moov12345678"),
	"mp4 qt":       []byte("\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  \x00\x00\x00\x08moov"),
	"mp4 3g2":      []byte("\x00\x00\x00\x14ftyp3g2a\x00\x00\x00\x003g2a\x00\x00\x00\x08moov"),
	"mdat alone":   []byte("\x00\x00\x00\x10mdat12345678"),
	"cr3":          []byte("\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom"),
	"mif1 avif":    []byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf"),
	"id3 aac":      []byte("ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00\xff\xf1\x50\x80\x02\x1f\xfc"),
	"id3 flac":     []byte("ID3\x04\x00\x00\x00\x00\x00\x0aTIT2\x00\x00\x00\x00\x00\x00fLaC\x00\x00\x00\x22"),
	"id3 long":     append(append([]byte("ID3\x04\x00\x00\x00\x02\x00\x00"), make([]byte, 2<<14)...), "fLaC\x00\x00\x00\x22"...),
	"frame":        []byte("\xff\xfb\x90\x64\x00\x00"),
	"rf64":         []byte("RF64\xff\xff\xff\xffWAVEds64\x1c\x00\x00\x00"),
	"skeleton ogv": append([]byte("OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04\x00\x00\x00\x00\x05\x06\x07\x08\x01\x08fishead\x00"+
		"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x05\x00\x00\x00\x00\x05\x06\x07\x08\x01\x2a"), "\x80theora\x03\x02\x01"...),
	"rtf nul":    []byte("{\\rtf1\\ansi hello}\r\n\x00"),
	"late pdf":   []byte("\r\n\x00junk%PDF-1.4\n"),
	"mz":         []byte("MZ is text\n"),
	"gif text":   []byte("GIF89a is the name of a format\n"),
	"dos":        []byte("old dos text\r\n\x1a"),
	"bar":        []byte("10%%\b\b\b20%%\a\x1b[0m\n"),
	"latin1":     []byte("Gr\xfc\xdfe aus K\xf6ln\n"),
	"utf8":       []byte("Grüße aus Köln\n"),
	"utf16le":    []byte("\xff\xfeG\x00r\x00\xfc\x00"),
	"utf16be":    []byte("\xfe\xff\x00G\x00r\x00\xfc"),
	"utf16 bare": []byte("G\x00r\x00\xfc\x00"),
	"nul":        []byte("a\x00b"),
	"old tar":    tarHead(false),
	"noise":      {0x00, 0x9f, 0x92, 0x96, 0x01, 0x02, 0xfe, 0xff, 0x00, 0x81},
	"empty":      {},
	// Both an image and a script, in which the image data is a comment.
	"gifscript": []byte("GIF89a/*\x00\x01\x00\x00\x00,*/=1;alert(1)//<script>alert(1)</script>"),
	"pdfhtml":   []byte("%PDF-1.7\n<script>alert(1)</script>"),
}

// zipOf returns an archive with entries of these names. Text after "=" is the
// content of the entry.
func zipOf(names ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		name, content, _ := strings.Cut(name, "=")
		entry, err := w.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Store, CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
		})
		if err != nil {
			panic(err)
		}
		if _, err := entry.Write([]byte(content)); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func tarHead(ustar bool) []byte {
	head := make([]byte, 512)
	copy(head, "notes.txt")
	copy(head[100:], "0000644\x000000000\x000000000\x0000000000000\x0000000000000\x00        0")
	if ustar {
		copy(head[257:], "ustar\x0000")
	}
	sum := 0
	for _, b := range head {
		sum += int(b)
	}
	copy(head[148:], []byte("0000000"))
	for i, n := 5, sum; i >= 0; i, n = i-1, n/8 {
		head[148+i] = byte('0' + n%8)
	}
	head[154] = 0
	return head
}

// deflated returns an archive with one compressed entry.
func deflated(name, content string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	entry, err := w.Create(name)
	if err == nil {
		_, err = entry.Write([]byte(content))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// oleOf returns an older Office file with streams of these names. The sectors of its
// directory are not in order, so they must be followed.
func oleOf(names ...string) []byte {
	const sector, free = 512, 0xffffffff
	le := binary.LittleEndian
	b := bytes.Repeat([]byte{0xff}, 4*sector) // header, FAT, two sectors of the directory
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(b[30:], 9)
	le.PutUint32(b[48:], 2) // first sector of the directory
	le.PutUint32(b[76:], 0) // sector of the FAT
	fat := b[sector : 2*sector]
	le.PutUint32(fat[4*2:], 1)
	le.PutUint32(fat[4*1:], free-1) // end of the chain
	clear(b[2*sector:])
	for i, name := range append([]string{"Root Entry"}, names...) {
		at := 3*sector + i*128
		if i >= 4 {
			at -= 2 * sector
		}
		for j, r := range name {
			b[at+2*j] = byte(r)
		}
		le.PutUint16(b[at+64:], uint16(2*len(name)+2))
	}
	return b
}
