using System.Text;
using System.Text.RegularExpressions;

namespace MetaMap.Cli.Tests.Progress;

/// <summary>What stands on a terminal after what was written to it: lines that wrap, a cursor that goes up, and erasing; colours are left out.</summary>
internal static partial class Screen
{
    public static IReadOnlyList<string> Lines(string written, int columns)
    {
        List<StringBuilder> lines = [new()];
        (int row, int column) = (0, 0);
        foreach (Match part in Parts().Matches(written))
        {
            int count = int.TryParse(part.Groups["count"].Value, out int number) ? number : 1;
            switch (part.Groups["order"].Value)
            {
                case "A":
                    row = Math.Max(0, row - count);
                    continue;
                case "J" or "K":
                    lines[row].Length = Math.Min(lines[row].Length, column);
                    lines.RemoveRange(part.Groups["order"].Value == "J" ? row + 1 : lines.Count, part.Groups["order"].Value == "J" ? lines.Count - row - 1 : 0);
                    if (part.Groups["count"].Value == "2")
                    {
                        lines[row].Clear();
                    }

                    continue;
                case not "":
                    continue;
            }

            foreach (char one in part.Value.Where(_ => part.Value[0] != '\u001b'))
            {
                if (one is '\r')
                {
                    column = 0;
                    continue;
                }

                if (one is '\n' || column == columns)
                {
                    row++;
                    column = one is '\n' ? column : 0;
                    lines.AddRange(Enumerable.Range(lines.Count, Math.Max(0, row + 1 - lines.Count)).Select(_ => new StringBuilder()));
                }

                if (one is not '\n')
                {
                    lines[row].Append(' ', Math.Max(0, column + 1 - lines[row].Length));
                    lines[row][column++] = one;
                }
            }
        }

        return [.. lines.Select(line => line.ToString().TrimEnd())];
    }

    // An order to the terminal, or text.
    [GeneratedRegex(@"\u001b\[[?]?(?<count>\d*)[;\d]*(?<order>[A-Za-z])|\u001b[=>]|\u001b\][^\a]*\a|[^\u001b]+")]
    private static partial Regex Parts();
}
