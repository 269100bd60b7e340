using MetaMap.Coordinator.Journal;
using MetaMap.Core;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Coordinator.Tests.Journal;

public sealed class JournalFileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly RunDirectory _run;

    public JournalFileTests()
    {
        _run = new RunDirectory(_folder["run"]);
        _run.Create(TinyRun.Options);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_NewRunOrOneThatEndedBeforeItsFirstCommit_MissesNothing()
    {
        Assert.Null(JournalFile.Check(_run));
        Journal(Line(JournalEvent.Claimed, 0), Line(JournalEvent.Opened, 1));
        File.WriteAllText(_run.MetricsPath, "{\"iteration\":1}\n");
        Assert.Null(JournalFile.Check(_run));
    }

    [Fact]
    public void Check_AllIsThere_MissesNothing()
    {
        Save(2);
        Journal(Line(JournalEvent.Claimed, 0), Line(JournalEvent.Committed, 1), Line(JournalEvent.Committed, 2));
        Assert.Null(JournalFile.Check(_run));
        Assert.Equal(3, JournalFile.Read(_run).Count);
    }

    [Theory]
    [InlineData("{\"at\":\"2026-01")]
    [InlineData("\0\0\0\0")]
    public void Check_LineThatACrashLeftUnfinished_MissesNothing(string tail)
    {
        Save(1);
        Journal(Line(JournalEvent.Claimed, 0), Line(JournalEvent.Committed, 1));
        File.AppendAllText(_run.JournalPath, tail);
        Assert.Null(JournalFile.Check(_run));
        Assert.Equal(2, JournalFile.Read(_run).Count);
    }

    [Theory]
    [InlineData("\u0001\u0002garbage")]
    [InlineData("\u0001\u0002\n")]
    [InlineData("\n")]
    public void Check_Garbage_IsRefusedWithItsLineAndWhatToDo(string garbage)
    {
        Save(1);
        Journal(Line(JournalEvent.Claimed, 0), Line(JournalEvent.Committed, 1));
        File.AppendAllText(_run.JournalPath, garbage);
        Assert.Equal(
            $"The journal {_run.JournalPath} is damaged: line 3 is no entry. Restore a copy of it, or move it away and resume again: the run then goes on from its newest checkpoint with a new journal, which says so.",
            Assert.Throws<DataException>(() => JournalFile.Check(_run)).Message);
        Assert.True(JournalAudit.Replay(JournalFile.Read(_run)).IsDamaged);
    }

    [Fact]
    public void Check_NoCheckpointOfWhatWasCommitted_IsRefused()
    {
        Journal(Line(JournalEvent.Claimed, 0), Line(JournalEvent.Committed, 1));
        string expected = $"{_run.Path} holds no checkpoint, although iteration 1 was committed, and no run commits an iteration twice: ";
        Assert.StartsWith(expected, Assert.Throws<DataException>(() => JournalFile.Check(_run)).Message, StringComparison.Ordinal);
        File.Delete(_run.JournalPath);
        File.WriteAllText(_run.MetricsPath, "{\"iteration\":1}\n");
        Assert.StartsWith(expected, Assert.Throws<DataException>(() => JournalFile.Check(_run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NewestCheckpointsOrTheJournalMissing_IsSaid()
    {
        Save(2);
        Journal(Line(JournalEvent.Claimed, 0), Line(JournalEvent.Committed, 1), Line(JournalEvent.Committed, 2), Line(JournalEvent.Committed, 3));
        Assert.Equal($"{_run.Path} holds no checkpoint after iteration 2, although iteration 3 was committed; it goes on from iteration 2.", JournalFile.Check(_run));
        File.Delete(_run.JournalPath);
        Assert.Equal($"The journal {_run.JournalPath} is missing; a new one begins at iteration 2.", JournalFile.Check(_run));
    }

    [Fact]
    public void Read_NoneOrEmpty_IsRefused()
    {
        Assert.Equal($"{_run.Path} has no journal: there is no file {_run.JournalPath}.", Assert.Throws<DataException>(() => JournalFile.Read(_run)).Message);
        Journal();
        Assert.EndsWith("is empty, so it shows nothing.", Assert.Throws<DataException>(() => JournalFile.Read(_run)).Message, StringComparison.Ordinal);
    }

    private void Save(int iteration) => _run.Save(TinyRun.Training().Begin() with { Iteration = iteration });

    private void Journal(params string[] lines) => File.WriteAllText(_run.JournalPath, string.Concat(lines.Select(line => line + "\n")));

    private static string Line(JournalEvent what, int iteration) => new JournalEntry(new DateTimeOffset(2026, 11, 25, 8, 0, 0, TimeSpan.Zero), 1, what, iteration).ToJson();
}
