using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Files;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class RunDirectoryTests : IDisposable
{
    private static readonly ParameterLayout _layout = TinyRun.Training().Layout;

    private readonly TemporaryDirectory _folder = new();
    private readonly RunDirectory _run;

    public RunDirectoryTests()
    {
        _run = new RunDirectory(_folder["run"]);
        _run.Create(TinyRun.Options);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Create_NewDirectory_StoresEveryOption()
    {
        Assert.Equal(TinyRun.Options, _run.ReadOptions());
        Assert.Contains("\"inner_lr\": 1", File.ReadAllText(_run.ConfigPath), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_UsedDirectory_IsRefused()
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => _run.Create(OptionValues.None.Resolve()));
        Assert.Equal($"{_run.Path} already holds a run; go on with --resume {_run.Path} or choose another --out.", error.Message);
        Assert.Equal(TinyRun.Options, _run.ReadOptions());
    }

    [Fact]
    public void Create_PathThatIsAFile_IsRefused()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.Contains("cannot be written", Assert.Throws<ConfigurationException>(() => new RunDirectory(_folder["file"]).Create(TinyRun.Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadOptions_NoRun_IsRefused() => Assert.Contains(
        "holds no run that can be resumed", Assert.Throws<ConfigurationException>(() => new RunDirectory(_folder["none"]).ReadOptions()).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_NothingSaved_IsNull()
    {
        (MetaState? state, ImmutableArray<string> ignored) = _run.Load(_layout);
        Assert.Null(state);
        Assert.Empty(ignored);
    }

    [Fact]
    public void Save_ManyStates_KeepsTheNewestAndTheModel()
    {
        MetaState[] states = SaveAll(1, 2, 5, 10, 11);
        Assert.Equal(states[^1], _run.Load(_layout).State);
        Assert.Equal(KeptVersions.Default.Newest, Checkpoints().Length);
        Assert.Equal([5, 10, 11], Checkpoints().Select(path => int.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(states[^1].Parameters, ModelFile.Read(_run.ModelPath).Parameters);
        Assert.Equal(states[3], _run.LoadVersion(10, _layout));
        Assert.Null(_run.LoadVersion(2, _layout));
        Assert.Null(new RunDirectory(_folder["none"]).LoadVersion(2, _layout));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(-1)]
    public void Load_NewestIsTruncated_UsesTheOneBefore(int length)
    {
        MetaState[] states = SaveAll(1, 2, 3);
        string newest = Checkpoints()[^1];
        byte[] bytes = File.ReadAllBytes(newest);
        File.WriteAllBytes(newest, length < 0 ? bytes[..^1] : bytes[..length]);
        (MetaState? state, ImmutableArray<string> ignored) = _run.Load(_layout);
        Assert.Equal(states[1], state);
        Assert.Contains(newest, Assert.Single(ignored), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AllAreDamaged_NamesEach()
    {
        SaveAll(1, 2, 3);
        foreach (string path in Checkpoints())
        {
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        (MetaState? state, ImmutableArray<string> ignored) = _run.Load(_layout);
        Assert.Null(state);
        Assert.Equal(3, ignored.Length);
        Assert.Throws<DataException>(() => _run.LoadVersion(2, _layout));
    }

    [Fact]
    public void Load_WriteThatACrashInterrupted_IsNotRead()
    {
        MetaState[] states = SaveAll(1);
        File.WriteAllText(_folder["run/checkpoints/00000002.safetensors" + DurableFile.TemporarySuffix], "half");
        (MetaState? state, ImmutableArray<string> ignored) = _run.Load(_layout);
        Assert.Equal(states[0], state);
        Assert.Empty(ignored);
    }

    [Fact]
    public void Save_AfterResumingPastDamagedCheckpoints_KeepsTheNewState()
    {
        MetaState[] states = SaveAll(3, 8, 9);
        File.WriteAllText(Checkpoints()[1], "");
        File.WriteAllText(Checkpoints()[2], "");
        Assert.Equal(states[0], _run.Load(_layout).State);
        MetaState[] more = SaveAll(4, 5);
        Assert.Equal(more[^1], _run.Load(_layout).State);
    }

    [Fact]
    public void RequireFree_NewEmptyOrBegun_IsFree()
    {
        new RunDirectory(_folder["new"]).RequireFree();
        Directory.CreateDirectory(_folder["begun/checkpoints"]);
        RunDirectory begun = new(_folder["begun"]);
        begun.RequireFree();
        File.WriteAllText(begun.RunPath + DurableFile.TemporarySuffix, "half");
        File.WriteAllText(begun.RunPath, "{}");
        File.WriteAllText(begun.ConfigPath + DurableFile.TemporarySuffix, "half");
        File.WriteAllText(_folder["begun/checkpoints/00000000.safetensors"], "of the start that was interrupted");
        File.WriteAllText(_folder["begun/.DS_Store"], "");
        begun.RequireFree();
        begun.ForgetStart();
        Assert.Empty(begun.KeptIterations());
    }

    [Fact]
    public void RequireFree_OtherFilesOrARun_IsRefused()
    {
        Assert.StartsWith($"{_run.Path} already holds a run", Assert.Throws<ConfigurationException>(_run.RequireFree).Message, StringComparison.Ordinal);
        RunDirectory own = new(_folder["own"]);
        Directory.CreateDirectory(_folder["own/photos"]);
        foreach (string name in new[] { "d.txt", "a.txt", "b.txt" })
        {
            File.WriteAllText(Path.Combine(own.Path, name), "");
        }

        Assert.Equal(
            $"{own.Path} is no run's directory, but holds other files (a.txt, b.txt, d.txt, …); give a run a new or an empty folder.",
            Assert.Throws<ConfigurationException>(own.RequireFree).Message);
    }

    [Fact]
    public void RequireFree_StatesWithoutOptions_IsRefused()
    {
        SaveAll(1);
        File.Delete(_run.ConfigPath);
        Assert.Contains("(checkpoints", Assert.Throws<ConfigurationException>(_run.RequireFree).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrimMetrics_LinesAfterTheStateAndTornOnes_AreDropped()
    {
        File.WriteAllText(_run.MetricsPath, """
            {"iteration":1,"query_loss":1.5}
            not json
            {"iteration":2}
            {"loss":2}
            [2]
            {"iteration":"2"}
            {"iteration":1e20}
            {"iteration":3}
            {"iteration":4,"query_l
            """);
        _run.TrimMetrics(2);
        Assert.Equal("{\"iteration\":1,\"query_loss\":1.5}\n{\"iteration\":2}\n", File.ReadAllText(_run.MetricsPath));
        _run.TrimMetrics(0);
        Assert.Equal("", File.ReadAllText(_run.MetricsPath));
    }

    [Fact]
    public void TrimMetrics_NoFile_DoesNothing()
    {
        _run.TrimMetrics(2);
        Assert.False(File.Exists(_run.MetricsPath));
    }

    [Fact]
    public void Write_OverAFile_ReplacesItWhole()
    {
        string path = _folder["file"];
        DurableFile.Write(path, [1, 2, 3]);
        DurableFile.Write(path, [4]);
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.False(File.Exists(path + DurableFile.TemporarySuffix));
        Assert.ThrowsAny<IOException>(() => DurableFile.Write(_folder["none/file"], [1]));
    }

    private string[] Checkpoints() => [.. Directory.GetFiles(_folder["run/checkpoints"], "*.safetensors").Order(StringComparer.Ordinal)];

    private MetaState[] SaveAll(params int[] iterations)
    {
        MetaState[] states = [.. iterations.Select(count => CheckpointTests.Trained(count))];
        foreach (MetaState state in states)
        {
            _run.Save(state);
            _run.Export(new ModelFile("run", state.Iteration, TinyRun.Options, TaskShape.Of(TinyRun.Options, TinyRun.Catalog), state.Parameters), state.Selection);
        }

        return states;
    }
}
