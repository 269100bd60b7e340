using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>Somebody's own examples to adapt a model to.</summary>
/// <param name="Examples">Class by class, in the model's own units.</param>
/// <param name="Labels">What label 0, 1, … stand for, in ordinal order; empty for regression.</param>
public sealed record SupportSet(ExampleSet Examples, ImmutableArray<string> Labels)
{
    /// <summary>Most labels, and most examples of all.</summary>
    public const int Most = 10_000;

    /// <summary>Most characters of a label.</summary>
    public const int MostLabelCharacters = 200;

    /// <summary>The examples as a support set.</summary>
    /// <param name="shape">Of the model's data.</param>
    /// <param name="scales">The units of the model's numbers; null for those of the files.</param>
    /// <param name="examples">All with a label, or all with values.</param>
    /// <param name="source">Where they are from, for messages.</param>
    /// <exception cref="DataException">A label or value is missing or empty, a label is too long or has control characters, there are too few or too many, or the inputs have another length.</exception>
    public static SupportSet Of(TaskShape shape, ValueScales? scales, ImmutableArray<GivenExample> examples, string source)
    {
        if (examples.Length is 0 or > Most)
        {
            throw new DataException($"{source} has {examples.Length} examples, expected 1 to {Most}: give a few of each label");
        }

        if (shape.TargetLength > 0)
        {
            return examples.FirstOrDefault(example => example.Values.Length != shape.TargetLength) is { } without
                ? throw new DataException($"{without.Name} of {source} has no value to predict: complete it, or leave it out")
                : new SupportSet(new ExampleSet(InputsOf(shape, scales, examples), [], [.. examples.SelectMany(example => Scaled(example.Values, scales))]), []);
        }

        if (examples.FirstOrDefault(example => string.IsNullOrWhiteSpace(example.Label)) is { } unlabelled)
        {
            throw new DataException($"{unlabelled.Name} of {source} has no label: give it one (images lie in a folder named after it), or leave it out");
        }

        if (examples.FirstOrDefault(example => example.Label!.Length > MostLabelCharacters || example.Label.Any(PrintableText.IsUnprintable)) is { } unreadable)
        {
            throw new DataException(unreadable.Label!.Length > MostLabelCharacters
                ? $"{unreadable.Name} of {source} has a label of {unreadable.Label.Length} characters, expected {MostLabelCharacters} at most: give it a shorter one"
                : $"{unreadable.Name} of {source} has the label '{unreadable.Label}' with control characters, expected text: give it another one");
        }

        IGrouping<string, GivenExample>[] byLabel = [.. examples.GroupBy(example => example.Label!).OrderBy(label => label.Key, StringComparer.Ordinal)];
        return byLabel.Length < 2
            ? throw new DataException($"{source} has the one label {byLabel[0].Key}, expected two or more to tell apart: add examples of another one")
            : new SupportSet(
                new ExampleSet(
                    InputsOf(shape, scales, [.. byLabel.SelectMany(label => label)]), [.. byLabel.SelectMany((label, i) => Enumerable.Repeat((long)i, label.Count()))], []),
                [.. byLabel.Select(label => label.Key)]);
    }

    /// <summary>Inputs, one after the other, in the model's own units.</summary>
    /// <exception cref="DataException">An input has another length, or a number is none.</exception>
    public static float[] InputsOf(TaskShape shape, ValueScales? scales, ImmutableArray<GivenExample> examples)
    {
        float[] inputs = new float[examples.Length * shape.Input.Length];
        for (int i = 0; i < examples.Length; i++)
        {
            Span<float> input = inputs.AsSpan(i * shape.Input.Length, shape.Input.Length);
            if (examples[i].Input.Length != input.Length || !Array.TrueForAll(examples[i].Input, float.IsFinite))
            {
                throw new DataException($"{examples[i].Name} is not {shape.Input} of finite numbers, as the model reads them: give examples of the kind that it was trained on");
            }

            examples[i].Input.CopyTo(input);
            scales?.ScaleInput(input);
        }

        return inputs;
    }

    private static float[] Scaled(float[] values, ValueScales? scales)
    {
        float[] scaled = [.. values];
        scales?.ScaleTarget(scaled);
        return scaled;
    }
}
