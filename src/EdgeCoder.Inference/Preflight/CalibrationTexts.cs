using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.Inference.Preflight;

/// <summary>Short texts, each of one kind, whose reported counts give the weights of a <see cref="TokenEstimate"/>.</summary>
internal static class CalibrationTexts
{
    /// <summary>Letters and single spaces.</summary>
    public const string Words =
        "write a function that takes a list of words and gives back the longest one of them when several words have the same length the first one wins "
        + "the second parameter says how many results the caller wants and an empty list means that there is nothing to find so the answer is empty too "
        + "please remember that the order of the input must not change while the program reads every element exactly once and keeps only what it needs";

    /// <summary>Digits and single spaces.</summary>
    public const string Digits =
        "3141 5926 5358 9793 2384 6264 3383 2795 0288 4197 1693 9937 5105 8209 7494 4592 3078 1640 6286 2089 9862 8034 8253 4211 7067 9821 4808 6513 2823 0664";

    /// <summary>Code on one line: letters, marks, single spaces.</summary>
    public const string Marks =
        "result = {key: value for (key, value) in items.items() if key not in (left | right)}; total += table[row][col] * (x - y) / (z + w); "
        + "assert merge_lists([a, b], [c]) == [a, b, c]; print(f\"{name}: {count!r}\", end=\"\"); callback((err, data) => { if (err) { throw err; } done(data[i]); });";

    /// <summary>Indented code: line ends and indentation besides letters and marks.</summary>
    public const string Gaps =
        "def merge(left, right):\n    result = []\n    while left and right:\n        if left < right:\n            result.append(left)\n        else:\n"
        + "            result.append(right)\n    for item in left:\n        if item:\n            result.append(item)\n    return result\n\n\nclass Stack:\n"
        + "    def push(self, item):\n        self.items.append(item)\n\n    def pop(self):\n        return self.items.pop()\n";

    /// <summary>Characters beyond ASCII.</summary>
    public const string Others =
        "größe übung für jeden größeren präzise erklärt naïve café déjà señor año coração " + "привет мир список слов функция значение строка " + "関数は文字列の一覧を受け取り最も長い語を返します";
}
