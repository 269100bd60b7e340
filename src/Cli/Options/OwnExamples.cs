using System.Collections.Immutable;
using MetaMap.Cli.Errors;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Cli.Options;

/// <summary>Reads a user's own examples for a model, and says on standard error what was left out.</summary>
internal sealed class OwnExamples
{
    private readonly IExampleReader _reader;

    private OwnExamples(IExampleReader reader) => _reader = reader;

    /// <summary>The reader of a model's kind of examples.</summary>
    /// <exception cref="ConfigurationException">Nobody has examples of its kind of data.</exception>
    /// <exception cref="DataException">The model's file does not name its inputs.</exception>
    public static OwnExamples Of(RunOptions options, InputShape input, TrainingData? data) => new(options.ExampleReader(input, data));

    /// <summary>Reads a file or folder.</summary>
    /// <exception cref="DataException">It cannot be read, or holds no examples.</exception>
    public ImmutableArray<GivenExample> Read(string path)
    {
        GivenExamples read = _reader.Read(path);
        foreach (string notice in read.Notices)
        {
            Notice.Say(notice);
        }

        return read.Examples;
    }
}
