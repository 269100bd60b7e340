using MetaMap.Coordinator.Stores;

namespace MetaMap.Coordinator.Journal;

/// <summary>The journal of one claim: numbers its lines, and keeps each until it is known to be stored. Owned by one actor.</summary>
/// <param name="epoch">The epoch of the claim.</param>
/// <param name="time">Clock of the lines.</param>
internal sealed class RunJournal(long epoch, TimeProvider time)
{
    private readonly List<string> _lines = [];
    private long _first = 1;

    /// <summary>All lines that are not known to be stored, in order.</summary>
    public JournalLines Lines => new(_first, [.. _lines]);

    /// <summary>Writes entries.</summary>
    /// <returns>Their lines.</returns>
    public JournalLines Add(params IEnumerable<JournalEntry> entries)
    {
        JournalLines added = new(_first + _lines.Count, [.. entries.Select(entry => (entry with { At = time.GetUtcNow(), Epoch = epoch }).ToJson())]);
        _lines.AddRange(added.Lines);
        return added;
    }

    /// <summary>Lines have been stored, together with all earlier ones.</summary>
    public void Stored(JournalLines lines)
    {
        int stored = (int)Math.Max(0, lines.Last - _first + 1);
        _lines.RemoveRange(0, stored);
        _first += stored;
    }
}
