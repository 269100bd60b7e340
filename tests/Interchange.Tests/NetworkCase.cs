using System.Collections.Immutable;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Learning;
using MetaMap.Learning.Adaptation;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Interchange.Tests;

/// <summary>A network with random parameters under an algorithm, for others to come to what it computes here.</summary>
/// <param name="Algorithm">E.g. <c>maml</c>.</param>
/// <param name="Network">E.g. <c>conv4</c>.</param>
/// <param name="Input">Shape of its inputs.</param>
/// <param name="TargetLength">Values to predict; 0 for classification.</param>
/// <param name="Options">Beside algorithm and network.</param>
internal sealed record NetworkCase(string Algorithm, string Network, InputShape Input, int TargetLength, params (string Key, object? Value)[] Options)
{
    private const int Ways = 3;
    private const int Examples = 6;
    private const int Queries = 5;

    private static readonly InputShape _image = new ImageShape(2, 19, 17);

    /// <summary>Every network, and every way in which an algorithm uses one beside its own head.</summary>
    public static IEnumerable<NetworkCase> All =>
    [
        OfImages("maml", "conv4", ("filters", 5)),
        OfImages("maml", "conv4-stride", ("filters", 5)),
        OfImages("maml", "hog-conv4", ("filters", 5), ("embedding_size", 6)),
        // Too small to be pooled four times.
        new("protonet", "hog-conv4", new ImageShape(1, 15, 15), 0, ("dataset", "noise"), ("ways", Ways), ("filters", 5), ("embedding_size", 6)),
        OfImages("maml", "cnn"),
        OfImages("maml", "resnet12", ("filters", 2)),
        OfImages("maml", "mlp", ("hidden", "9,7")),
        OfImages("maml", "mlp", ("hidden", "none")),
        new("maml", "text-cnn", InputShape.Tokens(11, 257), 0, ("dataset", "text"), ("ways", Ways), ("shots", 2), ("queries", 2), ("text_tokens", "bytes"), ("filters", 4)),
        new("maml", "text-cnn", InputShape.Tokens(11, 0x110000 + 1), 0, ("dataset", "text"), ("ways", Ways), ("shots", 2), ("queries", 2), ("text_tokens", "characters"), ("filters", 4)),
        new("protonet", "text-ngrams", InputShape.Tokens(23, 0x110000 + 1), 0, ("dataset", "text"), ("ways", Ways), ("shots", 2), ("queries", 2), ("buckets", 999), ("embedding_size", 6)),
        new("maml", "ratings-mlp", InputShape.Tokens(1, 12), 1, ("dataset", "ratings"), ("shots", 2), ("queries", 2)),
        OfImages("protonet", "conv4", ("filters", 5)),
        OfImages("protonet", "hog-conv4", ("filters", 5), ("embedding_size", 6)),
        OfImages("protonet", "conv4", ("filters", 5), ("distance", "cosine")),
        OfImages("feature-offset", "cnn"),
        OfImages("supervised", "cnn"),
        OfImages("maml++", "conv4-stride", ("filters", 5)),
        OfImages("cavia", "conv4", ("filters", 5)),
        OfImages("cavia", "resnet12", ("filters", 2)),
        new("cavia", "mlp", InputShape.Vector(4), 1, ("dataset", "sinusoid"), ("shots", 3), ("queries", 3)),
        new("cavia", "text-cnn", InputShape.Tokens(11, 257), 0, ("dataset", "text"), ("ways", Ways), ("shots", 2), ("queries", 2), ("text_tokens", "bytes"), ("filters", 4)),
        new("alpaca", "ratings-mlp", InputShape.Tokens(1, 12), 1, ("dataset", "ratings"), ("shots", 2), ("queries", 2)),
        new("alpaca", "mlp", InputShape.Vector(4), 1, ("dataset", "sinusoid"), ("shots", 3), ("queries", 3)),
    ];

    /// <summary>Unlike that of every other case.</summary>
    public string Name => $"{Network}-{Algorithm}-{Input}{string.Concat(Options.Where(option => option.Key is "hidden" or "distance").Select(option => $"-{option.Value}"))}".Replace(' ', '-');

    /// <summary>The meta-model, the model adapted to some inputs, and the outputs of both for others.</summary>
    public SolvedCase Solve()
    {
        (string, object?)[] given = [.. Options, ("algorithm", Algorithm), ("model", Network)];
        RunOptions options = OptionValues.Of(given).Resolve();
        TaskShape shape = new(Input, TargetLength, Ways);
        ParameterSchema schema = shape.Schema(options);
        Random random = new(schema.Layout.Length);
        // First values have zero biases and the like, which would not show whether they are used. What must be above zero stays so.
        float[] values = [.. schema.Initialize(seed: 1).Values.ToArray().Select(value => value + 0.1f * (random.NextSingle() - 0.5f))];
        ModelFile model = new("case", 7, options, shape, new ParameterVector(schema.Layout, values));
        ExampleSet support = Set(random, Ways * Examples);
        ExampleSet query = Set(random, Queries);
        AdaptedFile adapted = ModelAdapter.Adapt(model, support, TargetLength > 0 ? [] : [.. Enumerable.Range(0, Ways).Select(label => $"label {label}")]);

        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = options.ModelSpec(Input, shape.Outputs(options));
        EpisodeTensors data = EpisodeTensors.Of(new EpisodeExamples(Input, TargetLength, support, query));
        EpisodeProblem problem = new(spec.CreateModel(Convolution.Products), data, TargetLength > 0 ? Loss.MeanSquaredError : Loss.MeanCrossEntropy);
        List<SafetensorsTensor> tensors = [Tensor("support", data.SupportInputs), Tensor("query", data.QueryInputs), Tensor("adapted", Outputs(adapted, data.QueryInputs))];
        options.CreateAlgorithm(EpisodeGradient.Outside(shape)).Adapt(ParameterTensors.Leaves(model.Parameters, torch.float32, torch.CPU), problem, innerSteps: 0, (_, mapping) => tensors.AddRange(
            Tensor("transductive", mapping.PredictTransductive(data.QueryInputs)), Tensor("inductive", mapping.PredictInductive(data.QueryInputs))));
        return new SolvedCase(model, adapted, [.. tensors]);
    }

    private static NetworkCase OfImages(string algorithm, string network, params (string Key, object? Value)[] options) => new(
        algorithm, network, _image, 0, [("dataset", "noise"), .. algorithm == "supervised" ? ((string, object?)[])[] : [("ways", Ways)], .. options]);

    private static torch.Tensor Outputs(AdaptedFile adapted, torch.Tensor inputs)
    {
        torch.Tensor[] statistics = [.. adapted.Statistics.Select(values => torch.tensor(values.ToArray()))];
        FixedNetwork network = new(
            ParameterTensors.Leaves(adapted.Network, torch.float32, torch.CPU), [.. statistics.Chunk(2).Select(pair => (pair[0], pair[1]))])
        {
            IsCosine = adapted.IsCosine, Modulation = adapted.Modulation.IsEmpty ? null : torch.tensor(adapted.Modulation.ToArray()).unsqueeze(0),
            SkipWeight = adapted.SkipWeight.IsEmpty ? null : torch.tensor(adapted.SkipWeight.ToArray()).reshape(adapted.Spec.Outputs, -1),
        };
        return network.Predict(adapted.Spec.CreateModel(Convolution.Products), inputs);
    }

    private static SafetensorsTensor Tensor(string name, torch.Tensor tensor) =>
        new(name, TensorType.F32, [.. tensor.shape], tensor.detach().contiguous().bytes.ToArray());

    /// <summary>Random inputs, each class of another brightness; texts have some Chinese, and end before their length.</summary>
    private ExampleSet Set(Random random, int count)
    {
        float[] inputs = [.. Enumerable.Range(0, count * Input.Length).Select(i => Input.Kind switch
        {
            InputKind.Tokens when Input.Length == 1 => random.Next(Input.Vocabulary),
            InputKind.Tokens when i % Input.Length > 7 + i / Input.Length % 5 => 0,
            InputKind.Tokens => Input.Vocabulary > 0x5000 && random.Next(3) == 0 ? 0x4E00 + random.Next(9) : 'A' + 1 + random.Next(60),
            _ => random.NextSingle() + 0.1f * (i / Input.Length / Examples),
        })];
        return new ExampleSet(
            inputs, TargetLength > 0 ? [] : [.. Enumerable.Range(0, count).Select(i => (long)i * Ways / count)],
            [.. Enumerable.Range(0, count * TargetLength).Select(_ => random.NextSingle())]);
    }
}

/// <summary>What a network computes.</summary>
/// <param name="Model">The meta-model.</param>
/// <param name="Adapted">The model adapted to the support inputs.</param>
/// <param name="Tensors">Inputs, <c>support</c> and <c>query</c>, and outputs for the latter: <c>adapted</c> of the adapted model, <c>transductive</c> and <c>inductive</c> of the meta-model before any inner step.</param>
internal sealed record SolvedCase(ModelFile Model, AdaptedFile Adapted, ImmutableArray<SafetensorsTensor> Tensors)
{
    /// <summary>Values of a tensor, row by row.</summary>
    public float[] this[string name] => Floats.Of(Tensors.Single(tensor => tensor.Name == name));

    /// <summary>Writes all of it.</summary>
    /// <param name="path">Beginning of the files' names.</param>
    public void Write(string path)
    {
        File.WriteAllBytes($"{path}.model.safetensors", Model.ToSafetensors());
        File.WriteAllBytes($"{path}.adapted.safetensors", Adapted.ToSafetensors());
        File.WriteAllBytes($"{path}.expected.safetensors", SafetensorsWriter.Write(new SafetensorsContent(Tensors, ImmutableDictionary<string, string>.Empty)));
    }
}
