using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class SupportFileTests
{
    private static readonly SupportFile _labelled = new(new SupportSet(new ExampleSet([1, 2, 3, 4], [0, 1], []), ["a", "ü"]), 3);

    [Fact]
    public void FromSafetensors_Written_IsTheSame()
    {
        SupportFile valued = new(new SupportSet(new ExampleSet([1, 2], [], [0.5f, -1]), []), null);
        foreach (SupportFile file in new[] { _labelled, valued })
        {
            SupportFile read = Read(file.ToSafetensors());
            Assert.Equal(file.Support.Examples, read.Support.Examples);
            Assert.Equal(file.Support.Labels.AsEnumerable(), read.Support.Labels);
            Assert.Equal(file.InnerSteps, read.InnerSteps);
            Assert.Equal(file.ToSafetensors(), read.ToSafetensors());
        }
    }

    [Fact]
    public void FromSafetensors_OfAnotherKindOrDamaged_IsToldInASentence()
    {
        SafetensorsContent content = SafetensorsReader.Read(_labelled.ToSafetensors(), "it");
        AssertTold(content with { Metadata = content.Metadata.SetItem("format", "pt") });
        AssertTold(content with { Metadata = content.Metadata.SetItem("labels", "[\"a\"]") });
        AssertTold(content with { Metadata = content.Metadata.SetItem("labels", "{") });
        AssertTold(content with { Metadata = content.Metadata.SetItem("inner_steps", "-1") });
        AssertTold(content with { Tensors = content.Tensors.RemoveAt(1) });
    }

    private static SupportFile Read(byte[] file) => SupportFile.FromSafetensors(SafetensorsReader.Read(file, "it"), "it");

    private static void AssertTold(SafetensorsContent content) =>
        Assert.EndsWith("adapt again.", Assert.Throws<DataException>(() => Read(SafetensorsWriter.Write(content))).Message, StringComparison.Ordinal);
}
