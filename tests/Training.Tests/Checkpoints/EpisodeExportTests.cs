using MetaMap.Core.Options;
using MetaMap.Core.Safetensors;
using MetaMap.Data.Glyphs;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class EpisodeExportTests : IDisposable
{
    private readonly GlyphDataset _dataset = new();
    private readonly MetaTraining _training;
    private readonly TemporaryDirectory _folder = new();

    public EpisodeExportTests() => _training = new("run", OptionValues.Of(("ways", 2), ("filters", 1)).Resolve(), _dataset.Catalog);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Quarantined_Block_LeavesItsEpisodeWithTheReason()
    {
        string? path = EpisodeExport.Quarantined(new RunDirectory(_folder.Path), _training, _dataset, new QuarantinedBlock(3, 1, 5, "because"));
        Assert.Equal(_folder["quarantine/iteration-3-episode-5.safetensors"], path);
        SafetensorsContent content = SafetensorsReader.ReadFile(path!);
        Assert.Contains(content.Tensors, tensor => tensor.Name == "support_inputs");
        Assert.Equal(("3", "5", "run", "because"), (content.Metadata["iteration"], content.Metadata["episode"], content.Metadata["run_id"], content.Metadata["reason"]));
    }

    [Fact]
    public void Quarantined_AugmentedRun_LeavesTheImagesThatWereTrainedOn()
    {
        RunOptions options = _training.Options.With(("augment", "crop,rotate"));
        MetaTraining training = new("run", options, _dataset.Catalog);
        string? path = EpisodeExport.Quarantined(new RunDirectory(_folder.Path), training, _dataset, new QuarantinedBlock(3, 1, 5, "because"));
        var trained = EpisodeFile.Of(EpisodeExamples.LoadForTraining(_dataset, training.EpisodeOf(3, 5), options, 3));
        Assert.Equal(trained.QueryInputs.Bytes.ToArray(), SafetensorsReader.ReadFile(path!).Tensors.Single(tensor => tensor.Name == "query_inputs").Bytes.ToArray());
        Assert.NotEqual(EpisodeFile.Of(EpisodeExamples.Load(_dataset, training.EpisodeOf(3, 5))).QueryInputs.Bytes.ToArray(), trained.QueryInputs.Bytes.ToArray());
    }

    [Fact]
    public void Quarantined_EnoughAreKept_WritesNoMore()
    {
        Directory.CreateDirectory(_folder["quarantine"]);
        for (int i = 0; i < EpisodeExport.MostQuarantined - 1; i++)
        {
            File.WriteAllText(_folder[$"quarantine/{i}"], "");
        }

        RunDirectory directory = new(_folder.Path);
        Assert.NotNull(EpisodeExport.Quarantined(directory, _training, _dataset, new QuarantinedBlock(3, 1, 5, "because")));
        Assert.Null(EpisodeExport.Quarantined(directory, _training, _dataset, new QuarantinedBlock(4, 1, 5, "because")));
        Assert.Equal(EpisodeExport.MostQuarantined, Directory.GetFiles(_folder["quarantine"]).Length);
    }

    [Fact]
    public void Diverged_NoEpisodeToBlame_WritesNothing()
    {
        Assert.Null(EpisodeExport.Diverged(new RunDirectory(_folder.Path), _training, _dataset, new DivergedException("run", 3, "because", "")));
        Assert.Equal(
            _folder["diverged/iteration-3-episode-2.safetensors"],
            EpisodeExport.Diverged(new RunDirectory(_folder.Path), _training, _dataset, new DivergedException("run", 3, "because", "", 2)));
    }
}
