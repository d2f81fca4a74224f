package views

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// shownText returns what a reader of HTML sees of it, with the line feeds between blocks.
func shownText(t *testing.T, markup string) string {
	t.Helper()
	var b strings.Builder
	for _, node := range parseHTML(t, markup) {
		if node.Type == html.TextNode { // between blocks
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		for n := range node.Descendants() {
			if n.Type == html.TextNode {
				b.WriteString(n.Data)
			}
		}
	}
	return b.String()
}

// typed are texts that people write and that hold signs with a meaning in some Markdown. All are
// shown letter for letter, without a single mark.
var typed = []string{
	// faces
	`¯\_(ツ)_/¯`, `(¯\_(ツ)_/¯)`, `ㅠ_ㅠ`, `ㅜ_ㅜ`, `-_-`, `-_-;;`, `>_<`, `>.<`, `> <`, `(>_<)`, `^_^`, `^^`, `^_^;`, `T_T`, `T^T`, `o_O`, `O_o`, `(o_o)`, `(@_@)`, `@_@`,
	`*_*`, `(*_*)`, `(*^_^*)`, `(*^^*)`, `*^^*`, `*^_^*`, `(*o*)`, `(*ㅇ*)`, `*ㅅ*`, `*ㅠㅠ*`, `_ㅠㅠ_`, `~ㅅ~`, `~_~`, `~~`, `~~~`, `~~~~~~`, `ㅋㅋ~~ ㅎㅎ~~`, `네~~ 알겠습니다~~`, `~~ㅋㅋ~~`, `(` + "`" + `・ω・´)`,
	`(*´ω` + "`" + `*)`, `ヽ(` + "`" + `Д´)ﾉ`, `(` + "`" + `ω´) (` + "`" + `Д´)`, `( ͡° ͜ʖ ͡°)`, `(╯°□°)╯︵ ┻━┻`, `┬─┬ノ( º _ ºノ)`, `ヽ(*⌒▽⌒*)ﾉ`, `o(*￣▽￣*)o`, `(*≧ω≦*)`, `m(_ _)m`, `(_ _)`, `(-_-)zzz`, `*-*`, `:*`, `:-*`, `<3`, `</3`, `:-[`, `>:(`, `=_=`, `+_+`, `;_;`, `(;_;)`, `^.^`, `@.@`, `ㅡ_ㅡ`, `ㅡㅡ;`, `ㅇ_ㅇ`, `ㅇㅅㅇ`, `(ㅇ_ㅇ)`, `Orz`, `OTL`, `\(^o^)/`, `\(x)/`, `\o/`, `_(:3」∠)_`, `<(_ _)>`, `<*)))><`, `><>`, `***`, `* * *`, `- - -`, `-`, `+`, `*`, `_`, `__`, `___`, `____`, `**`, `****`, "`", "``", "```", "````", `>`, `>>`, `>>>`, `#`, `##`, `!`, `[]`, `[ ]`, `[x]`, `()`, `<>`, `<<<`, `&`, `\`, `\\`, `|`, `||`, `=`, `==`, `---`, `===`,
	// masks
	`010-****-1234`, `010-1234-****`, `010-12**-34**`, `02-**34-**78`, `1234-****-****-5678`, `1234-56**-****-3456`, `**** **** **** 1234`, `홍*동`, `김**`, `김** 이**`, `김**님, 박**님`, `**동 **수`, `남궁**`, `선**우`, `test***@naver.com`, `te**@naver.com`, `t*t@naver.com`, `***@naver.com`, `ab***@gmail.com, cd***@gmail.com`, `hong****@daum.net`, `900101-1******`, `900101-*******`, `12가 **34`, `비번: ****`, `****1234`, `서울시 **구 **동`, `**-**-1234`, `f*ck`, `sh**`, `ㅅ*ㅂ`, `시*`,
	// sums
	`5*3*2=30`, `2**10=1024`, `2**10=1024, 3**2=9`, `2*x + 3*y = 4*z`, `가로*세로*높이`, `가로 * 세로 * 높이`, `3 * 4 * 5`, `(a+b)**2 + (c+d)**2`, `x**(1/2) + y**(1/2)`, `f**(x) + g**(y)`, `a*b*c`, `2*3*4*5`, `10 *20* 30`, `1+1=2`, `+ 1`, `+ 1 + 2`, `- 1`, `- 3 + 5`, `+82 10 1234 5678`, `1 < 2 > 0`, `a<b>c`, `5>3`, `x_1 + x_2`, `x_1*x_2*x_3`, `a_n = a_{n-1}`, `e^{-x}`, `3~5명`, `10~~20`, `약 3~4일~`, `100%`, `-5도 ~ 3도`, `-5도`, `±3`, `1/2*3/4`, `[1, 2](3)`, `f[0](x)`, `배열[0](참고)`, `5!`, `!x`, `~x`, `a & b`, `a && b || c`, `a||b||c`, `||`, `|| ||`, `||!||`, `|a|b|`, `a || b || c`, `if (a || b || c)`, `|||a|||`, `x |= y`,
	// prices, dates, lists of answers
	`3,000원*2개*3일`, `₩5,000`, `$5 * 3`, `5,000원~`, `*배송비 별도`, `가격 1.5배`, `2026. 11. 23.`, `2026. 11. 23. 만나요`, `1. 15. 금요일`, `11. 26. 목`, `2026-11-26`, `11/26(목)`, `10:30~11:00`, `1) 네`, `1) 네` + "\n" + `2) 아니요`, `(1) 하나`, `① 하나`, `3. 셋째`, `1.`, `1. `, `1.5`, `1.네`, `가. 나. 다.`, `-네`, `*네`, `•네`, `· 하나`, `a) b`,
	// paths and patterns
	`\\nas\_자료`, `\\nas\_자료\_2026_\내_문서`, `C:\*.txt`, `C:\Users\_me_\`, `\d+\.\w*`, `\(x\)`, `\*별\*`, `\_밑줄\_`, `\**굵게\**`, `\~~`, `src/**/*.go`, `src/**/*.go, lib/**/*.js`, `**/node_modules/**`, `**/*.go`, `*.txt`, `*.go *.js`, `.*foo.*`, `/tmp/_ab_/x`, `/home/*/x/*`, `~/a ~/b`, `./a_b_c/d_e`, `a_b_c.txt`, `보고서_최종_진짜최종_v2.hwp`, `2026_11_26_회의록`, `IMG_1234_5678.jpg`, `\n\t`, `D:\자료\*\*.hwp`,
	// code that was typed without marks
	`__init__.py`, `__name__ == "__main__"`, `__FILE__`, `snake_case_name`, `_private`, `$_GET['x']`, `>>> print(1)`, `>>> x = 1`, `>안녕`, `>> 네`, `*p = *q`, `char *p, *q;`, `int **argv`, `f(*args, **kwargs)`, `def f(*args, **kwargs): g(*args, **kwargs)`, `/* 주석 */`, `/** 주석 */`, `/*주석*/ /*둘*/`, `// *x*y`, `SELECT *, count(*) FROM a`, `a = b ? c : d;`, `if (a < b && c > d)`, `<b>굵게</b>`, `<br>`, `<!-- 주석 -->`, `<script>alert(1)</script>`, `#include <stdio.h>`, `std::vector<int> v;`, `List<String>`, `a[i](j)`, `[a](b)`, `[여기](/logout)`, `[여기](javascript:alert(1))`, `![a](b)`, `[a]: b`, `[^1]`, `{{x}}`, `${x}`, `%d %s`, `don` + "`" + `t`, `it` + "`" + `s ok, don` + "`" + `t`, "``` 안녕 하세요", "```안녕", "~~~a", "~~~\n안녕", "a\n~~~\nb",
	// entities
	`&amp;`, `&lt;b&gt;`, `&#106;`, `&nbsp;`, `AT&T`, `R&D`, `a&b;`, `&copy 2026`, `&&`,
	// blanks and lines
	"이름    점수\n지민     10\n    들여쓴 줄", "a  b   c", "a\tb\tc", "하나\n둘\n셋", "하나\n\n둘", "하나\n\n\n\n둘", "a\n  b\n    c\n  d", "가\u3000나", "  들여쓴 첫 줄\n둘째",
	// headings, rules and tables that are none
	"# 안녕", "#해시태그", "## 둘", "안녕\n---", "안녕\n===", "|a|b|\n|-|-|\n|1|2|", "---\n안녕\n---", "***\n안녕", "___",
	// English, Japanese and others
	"Hello, world!", "rock 'n' roll", "\"quoted\"", "5' 10\"", "こんにちは。元気ですか？", "「はい」と言った", "ﾊﾝｶｸ", "你好", "Привет", "café", "naïve_test_case", "👍", "👨‍👩‍👧‍👦 가족", "**👍**", "*👍*", "_👍_", "**!!**", "*?*", "**...**", "_._", "~~!~~", "- 👍", "- !", "> 👍", "> !", "1. !", "[👍](#)", "`*`", "`!`",
}

func TestTypedSigns_AreShownAsTyped(t *testing.T) {
	for _, body := range typed {
		markup := string(Markdown(body))
		if got, want := shownText(t, markup), strings.TrimRight(body, "\n"); got != want {
			t.Errorf("%q is shown as %q", body, got)
		}
		for _, element := range []string{"<em", "<strong", "<del", "<code", "<ul", "<ol", "<blockquote", "<a "} {
			if strings.Contains(markup, element) && !strings.Contains(body, "http") {
				t.Errorf("%q has %s in %s", body, element, markup)
			}
		}
		if got, want := Summary(body), oneLine(body); got != want {
			t.Errorf("%q: summary %q, want %q", body, got, want)
		}
	}
}

// meant are texts with marks that take effect, with their HTML inside of <p>.
var meant = map[string]string{
	"**굵게**": "<strong>굵게</strong>", "**굵게**는": "<strong>굵게</strong>는", "**주의!**합니다": "<strong>주의!</strong>합니다", "**주의!**3번": "<strong>주의!</strong>3번", "**Hey!**you": "<strong>Hey!</strong>you",
	"**100%**는": "<strong>100%</strong>는", "**C++**입니다": "<strong>C++</strong>입니다", "**A**B": "<strong>A</strong>B", "**꼭**": "<strong>꼭</strong>", "**(강조)**를": "<strong>(강조)</strong>를",
	"나는**“너”**를": "나는<strong>“너”</strong>를", "(**굵게**)": "(<strong>굵게</strong>)", "아, **굵게**.": "아, <strong>굵게</strong>.", "**하나** 둘 **셋**": "<strong>하나</strong> 둘 <strong>셋</strong>",
	"**두\n줄**": "<strong>두<br>\n줄</strong>", "**a *b* c**": "<strong>a *b* c</strong>", "**가 *나다* 라**": "<strong>가 <em>나다</em> 라</strong>", "***둘 다***": "<strong><em>둘 다</em></strong>", "**굵고 *기울게***": "<strong>굵고 <em>기울게</em></strong>",
	"*강조*": "<em>강조</em>", "_강조_": "<em>강조</em>", "*강조*.": "<em>강조</em>.", "(*강조*)": "(<em>강조</em>)", "이건 _강조_!": "이건 <em>강조</em>!", "*sigh*": "<em>sigh</em>", "*주의!*": "<em>주의!</em>", "_snake_case_": "<em>snake_case</em>",
	"||범인은 지민||": `<span class="spoiler" tabindex="0">범인은 지민</span>`, "답: ||**3**||입니다": `답: <span class="spoiler" tabindex="0"><strong>3</strong></span>입니다`,
	"~~취소~~": "<del>취소</del>", "~~취소~~는 안 됩니다": "<del>취소</del>는 안 됩니다", "값 ~~3,000원~~ 2,000원": "값 <del>3,000원</del> 2,000원", "~~**a**~~": "<del><strong>a</strong></del>",
	"`코드`": "<code>코드</code>", "`a*b`와": "<code>a*b</code>와", "명령`ls`를": "명령<code>ls</code>를", "``a`b``": "<code>a`b</code>", "`` `a` ``": "<code>`a`</code>", "`<b>`": "<code>&lt;b&gt;</code>", "`__init__`": "<code>__init__</code>", "**`a`**": "<strong><code>a</code></strong>", "`\\n`": "<code>\\n</code>", "`a  b`": "<code>a  b</code>", "```한 줄```": "<code>한 줄</code>",
	"[**굵게**](https://a.bc)": `<a href="https://a.bc"` + rel + "><strong>굵게</strong></a>", "대박![여기](https://a.bc)": `대박!<a href="https://a.bc"` + rel + ">여기</a>", "[a](https://a.bc/x_(y))": `<a href="https://a.bc/x_(y)"` + rel + ">a</a>",
	"**https://a.bc/x**는": `<strong><a href="https://a.bc/x"` + rel + ">https://a.bc/x</a></strong>는", "<a@b.cd>": `&lt;<a href="mailto:a@b.cd" rel="nofollow noopener noreferrer ugc">a@b.cd</a>&gt;`,
}

func TestMeantMarks_TakeEffect(t *testing.T) {
	for body, want := range meant {
		if got := string(Markdown(body)); got != "<p>"+want+"</p>\n" {
			t.Errorf("%q: got %s, want %s", body, got, want)
		}
	}
}

// blocksMeant are texts with quotes, lists and code, with their HTML.
var blocksMeant = map[string]string{
	"> 인용\n답": "<blockquote>\n<p>인용</p>\n</blockquote>\n<p>답</p>\n", "> 인용\n> 둘\n답": "<blockquote>\n<p>인용<br>\n둘</p>\n</blockquote>\n<p>답</p>\n",
	"- a\n답": "<ul>\n<li>a</li>\n</ul>\n<p>답</p>\n", "> a\n>\n> b": "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n", "> > a\n> b": "<blockquote>\n<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>\n</blockquote>\n",
	"1. a\n답": "<ol>\n<li>a</li>\n</ol>\n<p>답</p>\n", "- a\n  - b\n- c": "<ul>\n<li>a<ul>\n<li>b</li>\n</ul></li>\n<li>c</li>\n</ul>\n",
	"* 하나\n* 둘": "<ul>\n<li>하나</li>\n<li>둘</li>\n</ul>\n", "> - a": "<blockquote>\n<ul>\n<li>a</li>\n</ul>\n</blockquote>\n", "```\na\n```\n끝": "<pre tabindex=\"0\"><code>a\n</code></pre>\n<p>끝</p>\n",
	"~~~\na\n~~~": "<pre tabindex=\"0\"><code>a\n</code></pre>\n", "- a\n  ```\n  x\n  ```": "<ul>\n<li>a<pre tabindex=\"0\"><code>x\n</code></pre></li>\n</ul>\n",
}

func TestMeantBlocks_TakeEffect(t *testing.T) {
	for body, want := range blocksMeant {
		if got := string(Markdown(body)); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", body, got, want)
		}
	}
}
