/** Formulas as models write them, without delimiters. */
export const soundFormulas = String.raw`
x^2
a_1 + a_2
\frac{a}{b}
\sqrt{2}
\sqrt[3]{x+1}
e^{i\pi} + 1 = 0
\sum_{i=1}^{n} i = \frac{n(n+1)}{2}
\int_0^\infty e^{-x^2}\,dx
\lim_{x \to 0} \frac{\sin x}{x}
\prod_{k=1}^n k
\vec{v} \cdot \hat{n}
\overline{ab}
\mathbb{R}^n
\mathcal{L}(x)
\mathbf{A}\mathbf{x}
\mathrm{d}x
\alpha + \beta \neq \gamma
\partial_t u = \nabla^2 u
\begin{pmatrix} a & b \\ c & d \end{pmatrix}
\begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}
\begin{aligned} a &= b \\ &= c \end{aligned}
\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}
\left( \frac{1}{2} \right)
\binom{n}{k}
\operatorname{rank}(A)
\text{if } x > 0
\boxed{E = mc^2}
\underbrace{a + b}_{n}
\overbrace{a + b}^{n}
\xrightarrow{f}
f: A \to B
A \cap B \cup C
\forall x \exists y
p \implies q
a \equiv b \pmod{n}
\lfloor x \rfloor
\lceil x \rceil
\|x\|
|x|
\angle ABC
90^\circ
10^{-6}
2\pi r
3 \times 10^8
\hbar\omega
\ce_1
\tilde{x}
\widehat{abc}
\dot{x} + \ddot{y}
\mathfrak{g}
\oint_C F
\bigl[ x \bigr]
\cancel{x}
\color{red} x
\textcolor{blue}{y}
\det A
\log_2 n
O(n \log n)
x \in \{1, 2\}
a \mid b
\Pr[X > t]
\dfrac{d}{dx}
`
  .trim()
  .split('\n')
  .filter((line) => line !== String.raw`\ce_1`);

/** None of these may run, load or navigate, leave its place, or hold up the page. */
export const hostileFormulas: readonly string[] = [
  ...String.raw`
\href{javascript:alert(1)}{x}
\href{https://evil.example}{x}
\url{https://evil.example}
\includegraphics{https://evil.example/x.png}
\includegraphics[width=99em]{data:image/svg+xml,<svg onload=alert(1)>}
\class{fixed inset-0}{x}
\id{root}{x}
\style{position:fixed;top:0}{x}
\data{onclick=alert(1)}{x}
\htmlClass{a}{x}
\htmlStyle{position:fixed}{x}
\htmlData{a=b}{x}
\label{a}\ref{a}
\eqref{a}
\tag{<img src=x onerror=alert(1)>} x
\text{<img src=x onerror=alert(1)>}
\text{<script>alert(1)</script>}
\color{red;position:fixed}{x}
\textcolor{url(https://evil.example)}{x}
\colorbox{expression(alert(1))}{x}
\def\x{\x\x}\x
\def\x{\x}\x
\gdef\a{\b}\gdef\b{\a}\a
\newcommand{\x}{\x\x\x}\x
\let\x\y\let\y\x\x
\edef\x{\x}\x
\hspace{99999em}x
\kern99999em x
\rule{99999em}{99999em}
\raisebox{99999em}{x}
\raise99999em{x}
\mathchoice{a}{b}{c}
\toggle{a}{b}\endtoggle
\mathtip{a}{b}
\texttip{a}{b}
\require{action}
\unicode{x202e}
\verb|<b onclick=alert(1)>|
\char"110000
\begin{array}{*{9999}{c}}x\end{array}
`
    .trim()
    .split('\n'),
  '{'.repeat(900) + 'x' + '}'.repeat(900),
  '\\sqrt{'.repeat(300) + 'x' + '}'.repeat(300),
  '\\frac{'.repeat(250) + 'x' + '}{y}'.repeat(50),
  'x^{'.repeat(450) + 'y' + '}'.repeat(450),
  '\\left('.repeat(250),
  `\\def\\x{${'y'.repeat(1_500)}}${'\\x'.repeat(200)}`,
  '\\rule{10em}{10em}\\\\'.repeat(100),
  'x'.repeat(2_000),
];
