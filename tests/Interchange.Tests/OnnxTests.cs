using System.Diagnostics;
using System.Text.Json;
using MetaMap.Cli.Export;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MetaMap.Interchange.Tests;

/// <summary>What <c>metamap export</c> writes, run by ONNX Runtime.</summary>
public sealed class OnnxTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private readonly TemporaryDirectory _folder = new();

    public static TheoryData<string> Networks => [.. NetworkCase.All.Where(one => one.Network != "text-ngrams").Select(one => one.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Networks))]
    public void Of_EachNetwork_HasTheSameLogits(string name)
    {
        SolvedCase solved = NetworkCase.All.Single(one => one.Name == name).Solve();
        float[] inputs = solved["query"];
        if (solved.Model.Options.Of<DatasetOptions>() is ImageOptions pixels)
        {
            inputs = Array.ConvertAll(inputs, pixel => pixel * (float)pixels.PixelStd + (float)pixels.PixelMean);
        }

        Dictionary<string, float[]> outputs = Run(OnnxFile.Of(solved.Adapted), solved.Adapted, inputs);
        float[] expected = solved["adapted"];
        if (solved.Adapted.TargetLength > 0)
        {
            AssertSame(expected, outputs["values"]);
        }
        else
        {
            AssertSame(expected, outputs["logits"]);
            Assert.All(outputs["probabilities"].Chunk(solved.Adapted.Labels.Length), row => Assert.Equal(1, row.Sum(), Tolerance));
            Assert.Equal(expected.Chunk(3).Select(row => Array.IndexOf(row, row.Max())), outputs["probabilities"].Chunk(3).Select(row => Array.IndexOf(row, row.Max())));
        }
    }

    [Fact]
    public void Of_ModelWithUnits_TakesAndGivesThoseOfTheFiles()
    {
        SolvedCase solved = NetworkCase.All.Single(one => one is { Algorithm: "alpaca", Network: "mlp" }).Solve();
        ValueScales scales = new([1, -2, 300, 0], [2, 1, 50, 0.5], [1000], [30]);
        AdaptedFile adapted = solved.Adapted with { Data = new TrainingData("digest", [], [], []) { Scales = scales } };
        float[] inputs = [.. solved["query"].Select((value, i) => value * (float)scales.InputDeviations[i % 4] + (float)scales.InputMeans[i % 4])];
        AssertSame([.. solved["adapted"].Select(value => value * 30 + 1000)], Run(OnnxFile.Of(adapted), adapted, inputs)["values"]);
    }

    [Fact]
    public void Of_NetworkThatHashes_IsRefused()
    {
        AdaptedFile adapted = NetworkCase.All.First(one => one.Network == "text-ngrams").Solve().Adapted;
        Assert.Contains("which no operator of ONNX does", Assert.Throws<ConfigurationException>(() => OnnxFile.Of(adapted)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_Command_WritesTheFileAndRefusesMetaModels()
    {
        SolvedCase solved = NetworkCase.All.First().Solve();
        solved.Write(_folder["case"]);
        string file = _folder["out.onnx"];
        Assert.Equal((0, ""), await Export("--file", _folder["case.adapted.safetensors"], "--out", file));
        Assert.Equal(OnnxFile.Of(solved.Adapted), await File.ReadAllBytesAsync(file));
        using InferenceSession session = new(file);
        Assert.Equal(solved.Adapted.Labels.AsEnumerable(), JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["labels"])!);
        (int exitCode, string errors) = await Export("--file", _folder["case.model.safetensors"], "--out", _folder["meta.onnx"]);
        Assert.Equal(4, exitCode);
        Assert.Contains("is a meta-model, which knows no labels before it is adapted", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["meta.onnx"]));
    }

    private static async Task<(int ExitCode, string Errors)> Export(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Repository.Program, "export", .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string errors = await process.StandardError.ReadToEndAsync().WaitAsync(TestTime.Limit);
        await process.WaitForExitAsync().WaitAsync(TestTime.Limit);
        return (process.ExitCode, errors);
    }

    private static Dictionary<string, float[]> Run(byte[] file, AdaptedFile adapted, float[] inputs)
    {
        int[] shape = [inputs.Length / adapted.Input.Length, .. adapted.Input.Sizes];
        using InferenceSession session = new(file);
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(
        [
            adapted.Input.Kind == InputKind.Tokens ? NamedOnnxValue.CreateFromTensor("inputs", new DenseTensor<long>(Array.ConvertAll(inputs, token => (long)token), shape))
                : NamedOnnxValue.CreateFromTensor("inputs", new DenseTensor<float>(inputs, shape)),
        ]);
        return outputs.ToDictionary(output => output.Name, output => output.AsEnumerable<float>().ToArray());
    }

    private static void AssertSame(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance * Math.Max(1, Math.Abs(pair.First))));
    }
}
