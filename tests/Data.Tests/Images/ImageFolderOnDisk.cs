using MetaMap.Data.Images;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Images;

/// <summary>A folder of images, removed at the end of the test.</summary>
internal sealed class ImageFolderOnDisk : IDisposable
{
    /// <summary>A baseline JPEG of 8x16 pixels, all grey 100.</summary>
    public static byte[] GreyJpeg { get; } = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAALCAAIABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwD4fD//2Q==");

    /// <summary>A baseline JPEG of 8x16 pixels, all of Y 81, Cb 90, Cr 240: red 238, green 14, blue 14.</summary>
    public static byte[] RedJpeg { get; } = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQH/wAARCAAIABADAREAAhEAAxEA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACAAMAAD8A/Id+Z7+4AAP/2Q==");

    public string Location { get; } = Directory.CreateTempSubdirectory("images-").FullName;

    /// <summary>A grey PNG of one value.</summary>
    public static byte[] Grey(int side, int value) => PngFile.Of(side, side, 1, (_, _, _) => value);

    public ImageFolderOnDisk With(string path, byte[] content)
    {
        string file = Path.Combine(Location, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        return this;
    }

    public ImageFolderOnDisk With(string path, string text) => With(path, System.Text.Encoding.UTF8.GetBytes(text));

    public IEpisodeDataset Open(int? side = null, string background = "white", string? split = null) =>
        new ImageFolderDefinition().Open(new ImageFolderOptions { ImageSize = side, Background = background, Split = split }, default, Location);

    public void Dispose() => Directory.Delete(Location, recursive: true);
}
