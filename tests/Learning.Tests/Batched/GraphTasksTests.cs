using CsCheck;
using MetaMap.Core.Options;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Batched;

/// <summary>Every algorithm on every network, several episodes side by side through graphs, against one after the other.</summary>
[Collection(Alone.Name)]
public sealed class GraphTasksTests
{
    // Names with what tells their ways of computing apart.
    private static readonly OptionValues[] _algorithms =
    [
        OptionValues.Of(("algorithm", "protonet")),
        OptionValues.Of(("algorithm", "protonet"), ("distance", "cosine")),
        OptionValues.Of(("algorithm", "reptile"), ("inner_batch", 3), ("inner_optimizer", "momentum")),
        OptionValues.Of(("algorithm", "reptile"), ("inner_batch", 100), ("inner_clip", 0.1), ("inner_optimizer", "adam")),
        OptionValues.Of(("algorithm", "feature-offset")),
        OptionValues.Of(("algorithm", "feature-offset"), ("offset_solver", "gradient")),
        OptionValues.Of(("algorithm", "cavia"), ("context_size", 3)),
        OptionValues.Of(("algorithm", "cavia"), ("inner_clip", 0.05), ("inner_optimizer", "momentum"), ("recompute", true)),
        OptionValues.Of(("algorithm", "pretrain")),
        OptionValues.Of(("algorithm", "maml"), ("inner_clip", 0.5)),
        OptionValues.Of(("algorithm", "maml"), ("inner_optimizer", "adam"), ("inner_lr", 0.01)),
        OptionValues.Of(("algorithm", "maml"), ("inner_optimizer", "momentum"), ("recompute", true)),
        OptionValues.Of(("algorithm", "fomaml"), ("inner_optimizer", "adam"), ("inner_lr", 0.01)),
        OptionValues.Of(("algorithm", "anil"), ("inner_clip", 0.5)),
        OptionValues.Of(("algorithm", "boil"), ("inner_clip", 1.0), ("recompute", true)),
        OptionValues.Of(("algorithm", "meta-sgd"), ("inner_clip", 0.5)),
        OptionValues.Of(("algorithm", "maml++"), ("inner_clip", 0.5), ("multi_step_iterations", 4), ("first_order_iterations", 1)),
        OptionValues.Of(("algorithm", "maml++"), ("recompute", true)),
        OptionValues.Of(("algorithm", "imaml"), ("inner_optimizer", "momentum"), ("inner_clip", 0.5)),
        OptionValues.Of(("algorithm", "alpaca")),
    ];

    private static readonly string[] _models = ["conv4-stride", "conv4", "cnn", "mlp", "resnet12", "hog-conv4", "text-cnn", "text-ngrams", "ratings-mlp"];

    public static TheoryData<int, string> AlgorithmsAndModels => Pairs(_models);

    public static TheoryData<int, string> AlgorithmsAndSmallModels => Pairs(["conv4-stride", "mlp", "ratings-mlp"]);

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void Differentiate_Classes_IsTheSumOfThoseOneAfterTheOther(int algorithm, string model) =>
        AssertEqual(algorithm, model, tasks: 3, ways: 3, shots: 2, queries: 2, steps: 2, seed: algorithm, targetLength: 0);

    [Theory]
    [MemberData(nameof(AlgorithmsAndSmallModels))]
    public void Differentiate_ValuesToPredict_IsTheSumOfThoseOneAfterTheOther(int algorithm, string model)
    {
        if (NameOf(algorithm) is not "protonet")
        {
            AssertEqual(algorithm, model, tasks: 2, ways: 1, shots: 4, queries: 3, steps: 2, seed: algorithm, targetLength: 2);
        }
    }

    /// <summary>Any way, shot, query, step, and number of tasks.</summary>
    [Fact]
    public void Differentiate_AnyEpisodes_IsTheSumOfThoseOneAfterTheOther() => Gen.Select(
        Gen.Int[0, _algorithms.Length - 1], Gen.Int[0, 3], Gen.Int[1, 5], Gen.Int[2, 4], Gen.Int[1, 3], Gen.Int[1, 3],
        Gen.Int[1, 3], Gen.Int[0, 1000]).Repeatable().Sample(
            (algorithm, model, tasks, ways, shots, queries, steps, seed) => AssertEqual(algorithm, _models[model], tasks, ways, shots, queries, steps, seed, targetLength: 0),
            iter: 30, threads: 1);

    /// <summary>
    /// As training computes it; the median of three, since a maximum that falls the other way moves a single one. Not with Adam, whose
    /// first steps are as long for gradients of nothing but rounding: there two ways in float32 have little in common.
    /// </summary>
    [Theory]
    [MemberData(nameof(AlgorithmsAndSmallModels))]
    public void Differentiate_Float32_IsNearTheSumOfThoseOneAfterTheOther(int algorithm, string model)
    {
        if (!IsAdam(algorithm))
        {
            double[] differences = [.. Enumerable.Range(0, 3).Select(
                seed => Difference(algorithm, model, tasks: 2, ways: 3, shots: 3, queries: 2, steps: 1, seed, targetLength: 0, torch.float32)).Order()];
            Assert.True(differences[1] <= 1e-5, string.Join(", ", differences));
        }
    }

    private static TheoryData<int, string> Pairs(string[] models)
    {
        var data = new TheoryData<int, string>();
        foreach (int algorithm in Enumerable.Range(0, _algorithms.Length))
        {
            foreach (string model in models)
            {
                data.Add(algorithm, model);
            }
        }

        return data;
    }

    private static void AssertEqual(int algorithm, string model, int tasks, int ways, int shots, int queries, int steps, int seed, int targetLength)
    {
        double difference = Difference(algorithm, model, tasks, ways, shots, queries, steps, seed, targetLength, torch.float64);
        double tolerance = IsAdam(algorithm) ? 1e-7 : 1e-10;
        Assert.True(difference <= tolerance, $"the relative difference is {difference:e2}");
    }

    // It makes whole steps of gradients that are little more than rounding.
    private static bool IsAdam(int algorithm) => _algorithms[algorithm]["inner_optimizer"]?.GetValue<string>() == "adam";

    // The norm of the difference over that of the gradient.
    private static double Difference(
        int algorithm, string model, int tasks, int ways, int shots, int queries, int steps, int seed, int targetLength, torch.ScalarType dtype)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        InputShape input = Input(model, seed);
        RunOptions options = Options(algorithm, model, targetLength > 0 ? null : ways, shots, queries, steps);
        DatasetCatalog catalog = new("random", input, [.. Enumerable.Range(0, 60).Select(c => new DatasetClass($"class{c}", 20))], "") { TargetLength = targetLength };
        TaskShape shape = TaskShape.Of(options, catalog);
        IModel network = options.ModelSpec(input, shape.Outputs(options)).CreateModel(Convolution.Products);
        IMetaAlgorithm computation = options.CreateAlgorithm(catalog);
        Assert.NotNull(computation.SideBySide);
        Loss loss = targetLength > 0 ? Loss.MeanSquaredError : Loss.MeanCrossEntropy;
        Episode[] episodes = [.. Enumerable.Range(0, tasks).Select(task => EpisodeSampler.For(options, catalog).Sample(SplitPart.Train, 1, task))];
        EpisodeTensors[] each = [.. Enumerable.Range(0, tasks).Select(task => Tensors(input, ways, shots, queries, seed + 100 * task, targetLength, dtype))];
        int iteration = 1 + seed % 6;

        torch.Tensor[] theta = [.. RandomTensors.Leaves(shape.Schema(options).Layout, seed, model == "cnn" ? 0.03 : 0.3).Select(leaf => leaf.detach().to(dtype).requires_grad_())];
        torch.Tensor[] sum = [.. theta.Select(tensor => torch.zeros_like(tensor).detach())];
        MetaGradient[] one = [.. each.Select((tensors, task) => computation.Differentiate(theta, new EpisodeProblem(network, tensors, loss, episodes[task]), iteration))];
        foreach (MetaGradient gradient in one)
        {
            sum = [.. sum.Zip(gradient.Gradient, (a, b) => a.add(b))];
        }

        var together = new EpisodeProblem(
            network, new(Stack(one => one.SupportInputs), Stack(one => one.SupportTargets), Stack(one => one.QueryInputs), Stack(one => one.QueryTargets)), loss) { SideBySide = episodes };
        MetaGradient all = computation.Differentiate(theta, together, iteration);
        Assert.Equal([tasks], all.QueryLoss.shape);
        double tolerance = IsAdam(algorithm) ? 1e-6 : 1e-9;
        foreach ((MetaGradient expected, int task) in one.Select((expected, task) => (expected, task)))
        {
            if (dtype == torch.float64)
            {
                Assert.True(expected.QueryLoss.allclose(all.QueryLoss[task], tolerance, tolerance));
                Assert.True(expected.QueryOutputs.allclose(all.QueryOutputs[task], tolerance, tolerance));
            }

            Assert.True(expected.QueryTargets is null == all.QueryTargets is null && (expected.QueryTargets is null || expected.QueryTargets.Equals(all.QueryTargets![task])));
        }

        Assert.Equal(sum.Select(tensor => tensor.shape), all.Gradient.Select(tensor => tensor.shape));
        return Norm(sum.Zip(all.Gradient, (a, b) => a.sub(b))) / Norm(sum);

        torch.Tensor Stack(Func<EpisodeTensors, torch.Tensor> part) => torch.stack(each.Select(part));
    }

    private static double Norm(IEnumerable<torch.Tensor> tensors) => Math.Sqrt(tensors.Sum(tensor => tensor.to(torch.float64).mul(tensor.to(torch.float64)).sum().item<double>()));

    private static InputShape Input(string model, int seed) => model switch
    {
        "text-cnn" or "text-ngrams" => InputShape.Tokens(12, 30),
        "ratings-mlp" => InputShape.Tokens(1, 30),
        "resnet12" => new ImageShape(3, 16, 17),
        _ => new ImageShape(1 + 2 * (seed % 2), 16 + seed % 5, 16 + seed % 3),
    };

    private static string NameOf(int algorithm) => _algorithms[algorithm]["algorithm"]!.GetValue<string>();

    private static RunOptions Options(int algorithm, string model, int? ways, int shots, int queries, int steps)
    {
        OptionValues given = _algorithms[algorithm];
        bool hasSteps = NameOf(algorithm) is not ("protonet" or "pretrain" or "feature-offset" or "alpaca") || given["offset_solver"] is not null;
        return given.With(
            ("model", model), ("ways", ways), ("shots", shots), ("queries", queries), ("inner_steps", hasSteps ? steps : null),
            ("inner_lr", !hasSteps ? null : given["inner_lr"] is { } rate ? rate.GetValue<double>() : 0.05), ("filters", model is "mlp" or "cnn" or "ratings-mlp" or "text-ngrams" ? null : model == "resnet12" ? 2 : 4),
            ("hidden", model is "mlp" or "ratings-mlp" ? "7,6" : null), ("embedding_size", model is "hog-conv4" or "text-cnn" or "text-ngrams" or "ratings-mlp" ? 5 : null), ("buckets", model is "text-ngrams" ? 40 : null)).Resolve();
    }

    private static EpisodeTensors Tensors(InputShape input, int ways, int shots, int queries, int seed, int targetLength, torch.ScalarType dtype)
    {
        return new(Inputs(1, ways * shots), Targets(2, shots), Inputs(3, ways * queries), Targets(4, queries));

        torch.Tensor Inputs(int purpose, int count) => Models.SmallNetworks.Inputs(input, purpose + 10 * seed, count).to(dtype);

        torch.Tensor Targets(int purpose, int ofClass) => targetLength > 0
            ? RandomTensors.Gaussian(purpose + 10 * seed, ways * ofClass, targetLength).to(dtype)
            : torch.tensor(Enumerable.Range(0, ways * ofClass).Select(i => (long)(i / ofClass)).ToArray());
    }
}
