using System.Collections.Immutable;

namespace MetaMap.Coordinator.Journal;

/// <summary>
/// Replays a journal and checks the guarantees: I1, an iteration commits at most once and numbers rise by one, across
/// failovers; I2, a block counts at most once; I3, only the current version counts, and each iteration starts from what the
/// previous one committed. Pure.
/// </summary>
public static class JournalAudit
{
    /// <summary>Replays lines.</summary>
    /// <param name="lines">In the order of the journal.</param>
    public static AuditReport Replay(IEnumerable<string> lines)
    {
        var replay = new Replayed();
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (JournalEntry.Read(line) is not { } entry)
            {
                replay.Violate(number, "is no journal entry: the journal is damaged, and what follows is not judged");
                return replay.Report(number) with { IsDamaged = true };
            }

            replay.Add(number, entry);
        }

        return replay.Report(number);
    }

    private sealed class Replayed
    {
        private readonly ImmutableArray<string>.Builder _violations = ImmutableArray.CreateBuilder<string>();
        private readonly HashSet<(int Iteration, int Block, string Worker)> _leased = [];
        private readonly HashSet<int> _settled = [];
        private readonly Dictionary<int, string> _starts = [];
        private readonly ImmutableArray<string>.Builder _notices = ImmutableArray.CreateBuilder<string>();
        private string? _committedSha256;
        private long _epoch;
        private int _committed;
        private int _opened;
        private int _blocks;
        private int _completed;
        private long _counted;
        private long _refused;
        private int _commits;
        private int _claims;
        private int _rollbacks;
        private long _stray;
        private bool _isReleased = true;
        private bool _mayLackLeases;

        public void Violate(int line, string what) => _violations.Add($"line {line} {what}");

        public AuditReport Report(int lines) => new(
            lines, _claims, _commits, _committed, _counted, _refused, _rollbacks, _stray, _violations.ToImmutable()) { Notices = _notices.ToImmutable() };

        public void Add(int line, JournalEntry entry)
        {
            if (entry.Event == JournalEvent.Claimed)
            {
                Claim(line, entry);
            }
            else if (entry.Epoch != _epoch)
            {
                Former(line, entry);
            }
            else
            {
                Current(line, entry);
            }
        }

        private void Claim(int line, JournalEntry entry)
        {
            _claims++;
            if (entry.Epoch <= _epoch)
            {
                Violate(line, $"claims epoch {entry.Epoch} after epoch {_epoch} (I1)");
            }

            if (_claims == 1 && entry is { Iteration: > 0, Reason: { } missing })
            {
                _notices.Add($"line {line} begins at iteration {entry.Iteration}, and shows nothing of what was before: {missing}");
            }
            else if (entry.Iteration > _committed)
            {
                // The state was stored but its line was not: the owner ended in between. Every block must have been counted.
                if (entry.Iteration > _completed)
                {
                    Violate(line, $"goes on from iteration {entry.Iteration}, but the rounds are complete up to {_completed} only (I2)");
                }

                _commits += entry.Iteration - _committed;
            }
            else if (entry.Iteration < _committed)
            {
                _rollbacks++;
                if (entry.Reason is { } reason)
                {
                    _notices.Add($"line {line} goes back to iteration {entry.Iteration} after {_committed} was committed, so that what follows is committed again: {reason}");
                }
                else
                {
                    Violate(line, $"goes on from iteration {entry.Iteration} although {_committed} was committed, and gives no reason (I1)");
                }
            }

            _committedSha256 = entry.Iteration == _committed ? _committedSha256 : null;
            (_epoch, _committed, _opened, _completed) = (entry.Epoch, entry.Iteration, 0, entry.Iteration);
            // Workers may answer leases of an owner that died before it had written them.
            (_mayLackLeases, _isReleased) = (!_isReleased, false);
            _settled.Clear();
            _starts.Clear();
        }

        // A line of a coordinator that was paused while another took over: it changes nothing, unless it is a commit.
        private void Former(int line, JournalEntry entry)
        {
            _stray++;
            if (entry.Event == JournalEvent.Committed)
            {
                Violate(line, $"commits iteration {entry.Iteration} under epoch {entry.Epoch}, but epoch {_epoch} owns the run (I1)");
            }
        }

        private void Current(int line, JournalEntry entry)
        {
            switch (entry.Event)
            {
                case JournalEvent.Opened:
                    if (entry.Iteration != _completed + 1)
                    {
                        Violate(line, $"opens iteration {entry.Iteration}, expected {_completed + 1} (I1)");
                    }

                    Start(line, entry);
                    (_opened, _blocks) = (entry.Iteration, entry.Blocks ?? 0);
                    _settled.Clear();
                    _leased.RemoveWhere(lease => lease.Iteration < entry.Iteration);
                    break;
                case JournalEvent.Leased:
                    _leased.Add((entry.Iteration, entry.Block ?? -1, entry.Worker ?? ""));
                    break;
                case JournalEvent.Counted:
                    _counted++;
                    if (!_mayLackLeases && !_leased.Contains((entry.Iteration, entry.Block ?? -1, entry.Worker ?? "")))
                    {
                        Violate(line, $"counts block {entry.Block} of iteration {entry.Iteration} from worker {entry.Worker}, which had no lease on it (I2)");
                    }

                    if (_starts.TryGetValue(entry.Iteration, out string? start) && entry.Parameters is not null && entry.Parameters != start)
                    {
                        Violate(line, $"counts block {entry.Block} of iteration {entry.Iteration} computed from parameters {entry.Parameters}, the iteration starts from {start} (I3)");
                    }

                    Settle(line, entry);
                    break;
                case JournalEvent.Excluded:
                    Settle(line, entry);
                    break;
                case JournalEvent.Dropped:
                    Drop(line, entry);
                    break;
                case JournalEvent.Quarantined:
                    if (entry.Iteration != _opened || !_settled.Contains(entry.Block ?? -1))
                    {
                        Violate(line, $"quarantines block {entry.Block} of iteration {entry.Iteration}, which is not settled (I2)");
                    }

                    break;
                case JournalEvent.Refused:
                    _refused++;
                    break;
                case JournalEvent.Committed:
                    Commit(line, entry);
                    break;
                case JournalEvent.Released:
                    _isReleased = true;
                    break;
                case JournalEvent.Claimed or JournalEvent.Joined:
                    break;
            }
        }

        // A round may open before the commit that it starts from is durable: whichever line comes second is compared with the first.
        private void Start(int line, JournalEntry entry)
        {
            if (entry.Parameters is not null)
            {
                _starts[entry.Iteration] = entry.Parameters;
                Follow(line, entry.Iteration, _committed == entry.Iteration - 1 ? _committedSha256 : null);
            }
        }

        private void Follow(int line, int iteration, string? committed)
        {
            if (committed is not null && _starts.TryGetValue(iteration, out string? start) && start != committed)
            {
                Violate(line, $"shows iteration {iteration} starting from parameters {start}, but iteration {iteration - 1} committed {committed} (I3)");
            }
        }

        private void Settle(int line, JournalEntry entry)
        {
            if (entry.Iteration != _opened)
            {
                Violate(line, $"settles block {entry.Block} of iteration {entry.Iteration} while iteration {_opened} is open (I3)");
            }
            else if (!_settled.Add(entry.Block ?? -1))
            {
                Violate(line, $"settles block {entry.Block} of iteration {entry.Iteration} a second time (I2)");
            }
            else if (_settled.Count == _blocks)
            {
                _completed = entry.Iteration;
            }
        }

        private void Drop(int line, JournalEntry entry)
        {
            if (entry.Iteration != _opened || entry.Iteration == _committed || !_settled.Remove(entry.Block ?? -1))
            {
                Violate(line, $"drops block {entry.Block} of iteration {entry.Iteration}, which is not settled in an open round (I2)");
            }
            else
            {
                _completed = entry.Iteration - 1;
            }
        }

        private void Commit(int line, JournalEntry entry)
        {
            _commits++;
            if (entry.Iteration != _committed + 1)
            {
                Violate(line, $"commits iteration {entry.Iteration} after {_committed} (I1)");
            }

            if (entry.Iteration > _completed)
            {
                Violate(line, $"commits iteration {entry.Iteration}, of which {(entry.Iteration == _opened ? _settled.Count : 0)} of {_blocks} blocks are settled (I2)");
            }

            Follow(line, entry.Iteration + 1, entry.Sha256);
            _starts.Remove(entry.Iteration);
            (_committed, _committedSha256) = (entry.Iteration, entry.Sha256);
        }
    }
}

/// <summary>What a journal shows.</summary>
/// <param name="Lines">Lines read.</param>
/// <param name="Claims">Claims by successive owners.</param>
/// <param name="Commits">Iterations committed.</param>
/// <param name="Iteration">Latest committed iteration.</param>
/// <param name="CountedBlocks">Results that counted.</param>
/// <param name="RefusedBlocks">Results that did not, each with its reason.</param>
/// <param name="Rollbacks">Claims that went on from an older iteration, because newer states were damaged.</param>
/// <param name="StrayLines">Lines of former owners, which changed nothing.</param>
/// <param name="Violations">Broken guarantees, each with its line; there should be none.</param>
public sealed record AuditReport(
    int Lines, int Claims, int Commits, int Iteration, long CountedBlocks, long RefusedBlocks, int Rollbacks, long StrayLines,
    ImmutableArray<string> Violations)
{
    /// <summary>What is no violation, but should be known: where the run went back, or what the journal does not show. Each with its line.</summary>
    public ImmutableArray<string> Notices { get; init; } = [];

    /// <summary>True when a line cannot be read; the lines after it were not judged.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>True when every guarantee was kept.</summary>
    public bool IsClean => Violations.IsEmpty;
}
