using System.Collections.Immutable;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Keeps strangers from filling the log: of Akka's lines of one kind (an unreadable frame, a handshake that never came) only
/// a few are written per interval, the rest are counted. A pure value.
/// </summary>
/// <param name="Lines">Lines of each kind in this interval.</param>
internal sealed record LogThrottle(ImmutableDictionary<string, int> Lines)
{
    /// <summary>Lines of one kind that are written per interval.</summary>
    public const int LinesPerKind = 5;

    /// <summary>Kinds that are distinguished per interval; all others share one.</summary>
    public const int Kinds = 100;

    private const string Other = "any other line";

    /// <summary>Nothing written yet.</summary>
    public static LogThrottle Empty { get; } = new(ImmutableDictionary<string, int>.Empty);

    /// <summary>Counts a line and says whether it is written.</summary>
    public (LogThrottle Next, bool IsWritten) Admit(string kind)
    {
        string known = Lines.ContainsKey(kind) || Lines.Count < Kinds ? kind : Other;
        int lines = Lines.GetValueOrDefault(known) + 1;
        return (new LogThrottle(Lines.SetItem(known, lines)), lines <= LinesPerKind);
    }

    /// <summary>Begins the next interval.</summary>
    /// <returns>One sentence for each kind with omitted lines.</returns>
    public (LogThrottle Next, ImmutableArray<string> LeftOut) Turn() => (Empty,
    [
        .. Lines.Where(kind => kind.Value > LinesPerKind).OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => $"{kind.Value - LinesPerKind} more lines like \"{kind.Key}\" were left out"),
    ]);
}
