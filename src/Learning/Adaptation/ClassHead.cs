using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Adaptation;

/// <summary>Meta-parameters for another number of classes than the model was trained for.</summary>
/// <remarks>
/// Of fewer classes the first outputs of the head are taken. Of more, the head begins at the prototypes p of the classes (weight 2p, bias -|p|²), from where the inner loop goes on, as in
/// Proto-MAML (Triantafillou et al. 2020, section 3).
/// </remarks>
internal static class ClassHead
{
    /// <summary>The meta-parameters of a run, for as many classes as a problem has.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="definitions">Of the meta-parameters.</param>
    /// <param name="metaParameters">In their order.</param>
    /// <param name="problem">Its network has an output for each class.</param>
    /// <exception cref="ConfigurationException">The algorithm cannot have so many classes.</exception>
    public static IReadOnlyList<torch.Tensor> For(
        RunOptions options, ImmutableArray<ParameterDefinition> definitions, IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem)
    {
        ImmutableDictionary<string, ParameterEntry> network = problem.Model.Schema.Definitions.Where(definition => definition.Role == ParameterRole.Head)
            .ToImmutableDictionary(definition => definition.Entry.Name, definition => definition.Entry);
        int[] other = [.. Enumerable.Range(0, definitions.Length).Where(i => definitions[i].Role == ParameterRole.Head && !Fits(definitions[i].Entry, network))];
        if (other.Length == 0)
        {
            return metaParameters;
        }

        long classes = network.Values.Max(entry => entry.Shape[0]);
        torch.Tensor[] parameters = [.. metaParameters];
        bool hasFewer = other.All(i => definitions[i].Entry.Shape[0] > classes);
        torch.Tensor[] head = hasFewer ? [] : Prototypes(options, problem, parameters);
        for (int i = 0; i < other.Length; i++)
        {
            parameters[other[i]] = Leaf(hasFewer ? parameters[other[i]].narrow(0, 0, classes) : head[i]);
        }

        // Rates of each weight of the head, as Meta-SGD learns them.
        foreach (int rate in Enumerable.Range(0, definitions.Length).Where(i =>
            definitions[i].Role == ParameterRole.Rule && other.Any(weight => definitions[i].Entry.Name == $"rate.{definitions[weight].Entry.Name}"
                && definitions[i].Entry.Shape.SequenceEqual(definitions[weight].Entry.Shape))))
        {
            parameters[rate] = hasFewer ? Leaf(parameters[rate].narrow(0, 0, classes)) : throw new ConfigurationException(
                $"There are {classes} classes, but {options.Algorithm} has learned a rate for each weight of a head of {options.EpisodeShape.Ways}: give at most {options.EpisodeShape.Ways} classes, or train with --ways {classes}.");
        }

        return parameters;
    }

    private static bool Fits(ParameterEntry entry, ImmutableDictionary<string, ParameterEntry> network) =>
        network.TryGetValue(entry.Name, out ParameterEntry? own) && own.Shape.SequenceEqual(entry.Shape);

    private static torch.Tensor[] Prototypes(RunOptions options, EpisodeProblem problem, torch.Tensor[] parameters)
    {
        using IDisposable noGradient = torch.no_grad();
        // Where MAML++ has a row for each inner step, the first counts.
        torch.Tensor[] body = [.. problem.Model.Schema.Definitions.Where(definition => definition.Role == ParameterRole.Body)
            .Select((definition, i) => parameters[i].dim() > definition.Entry.Shape.Length ? parameters[i].select(0, 0) : parameters[i])];
        torch.Tensor[] head = ClassSums.HeadOf(Protonet.Prototypes(body, problem));
        return problem.Model.Schema.Definitions.Where(definition => definition.Role == ParameterRole.Head)
            .Select(definition => definition.Entry.Shape.Select(size => (long)size)).Zip(head, (shape, tensor) => shape.SequenceEqual(tensor.shape)).ToArray() is [true, true]
            ? head : throw new ConfigurationException(
                $"There are {head[0].shape[0]} classes, but model {options.Model} was trained for {options.EpisodeShape.Ways} and its head cannot begin at prototypes: give at most {options.EpisodeShape.Ways} classes.");
    }

    private static torch.Tensor Leaf(torch.Tensor values) => values.detach().clone().requires_grad_();
}
