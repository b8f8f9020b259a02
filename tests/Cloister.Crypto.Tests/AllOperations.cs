using System;
using System.Collections.Generic;

namespace Cloister.Crypto.Tests;

/// <summary>Every operation of the library on spans once, with buffers made beforehand: for the tests of allocation and of the JIT's code.</summary>
internal sealed class AllOperations : IEntropySource, IDisposable
{
    private readonly byte[] _key = Filled(32, 1);
    private readonly byte[] _nonce = Filled(12, 2);
    private readonly byte[] _text = Filled(3000, 3);
    private readonly byte[] _output = new byte[4000];
    private readonly byte[] _tag = new byte[16];
    private readonly byte[] _hash = new byte[64];
    private readonly byte[] _hashes = new byte[32 * 30];
    private readonly byte[] _p256Public = new byte[65];
    private readonly byte[] _p384Public = new byte[97];
    private readonly byte[] _p384Key = Filled(48, 4);
    private readonly byte[] _signature = new byte[64];
    private readonly byte[] _longSignature = new byte[96];
    private readonly byte[] _secret = new byte[48];
    private readonly byte[] _modulus = Filled(384, 0x81);
    private readonly byte[] _exponent = [1, 0, 1];
    private readonly byte[] _rsaSignature = new byte[384];
    private readonly AesGcm _gcm;
    private readonly AesGcm _portableGcm;
    private readonly AesCtr _ctr;
    private readonly AesCmac _cmac;
    private readonly AesKeyWrap _wrap;
    private readonly AesKeyWrap _portableWrap;
    private readonly ChaCha20Poly1305 _chaCha;
    private readonly ChaCha20Poly1305 _portableChaCha;
    private readonly Ed25519 _ed25519;
    private readonly RandomGenerator _random;

    public AllOperations()
    {
        _gcm = new AesGcm(_key);
        _portableGcm = new AesGcm(_key, forcePortable: true);
        _ctr = new AesCtr(_key);
        _cmac = new AesCmac(_key);
        _wrap = new AesKeyWrap(_key);
        _portableWrap = new AesKeyWrap(_key, forcePortable: true);
        _chaCha = new ChaCha20Poly1305(_key);
        _portableChaCha = new ChaCha20Poly1305(_key, forcePortable: true);
        _ed25519 = new Ed25519(_key);
        _random = new RandomGenerator(this);
        P256.GetPublicKey(_key, _p256Public);
        P384.GetPublicKey(_p384Key, _p384Public);
    }

    public IEnumerable<(string Name, Action Run)> Each()
    {
        yield return ("AES-GCM", () => Seal(_gcm));
        yield return ("AES-GCM portable", () => Seal(_portableGcm));
        yield return ("AES-CTR", () => _ctr.Crypt(_tag, _text, _output.AsSpan(0, _text.Length)));
        yield return ("AES-CMAC", () => _cmac.HashData(_text, _tag));
        yield return ("AES key wrap", () => Wrap(_wrap));
        yield return ("AES key wrap portable", () => Wrap(_portableWrap));
        yield return ("ChaCha20-Poly1305", () => Seal(_chaCha));
        yield return ("ChaCha20-Poly1305 portable", () => Seal(_portableChaCha));
        yield return ("SHA-256", () => Sha256.HashData(_text, _hash));
        yield return ("SHA-384", () => Sha384.HashData(_text, _hash));
        yield return ("SHA-512", () => Sha512.HashData(_text, _hash));
        yield return ("SHA3-256", () => Sha3_256.HashData(_text, _hash));
        yield return ("SHA3-512", () => Sha3_512.HashData(_text, _hash));
        yield return ("SHAKE128", () => Shake128.HashData(_text, _output));
        yield return ("SHA-256 of many", () => Sha256Many.HashData(_text, 100, _hashes));
        yield return ("HMAC", () => HmacSha256.HashData(_key, _text, _hash));
        yield return ("HKDF", () => Hkdf.DeriveKey<Sha384>(_key, _output.AsSpan(0, 100), _nonce, _text));
        yield return ("HMAC-DRBG", () => _random.Fill(_output));
        yield return ("P-256", () =>
        {
            P256.SignData(_key, _text, _signature);
            P256.VerifyData(_p256Public, _text, _signature);
            P256.TryDeriveSharedSecret(_key, _p256Public, _secret.AsSpan(0, 32));
            P256.GeneratePrivateKey(_random, _secret.AsSpan(0, 32));
        });
        yield return ("P-384", () =>
        {
            P384.SignData(_p384Key, _text, _longSignature);
            P384.VerifyData(_p384Public, _text, _longSignature);
            P384.TryDeriveSharedSecret(_p384Key, _p384Public, _secret);
        });
        yield return ("X25519", () => X25519.GetPublicKey(_key, _secret.AsSpan(0, 32)));
        yield return ("Ed25519", () =>
        {
            _ed25519.SignData(_text, _signature);
            _ed25519.GetPublicKey(_hash.AsSpan(0, 32));
            Ed25519.VerifyData(_hash.AsSpan(0, 32), _text, _signature);
        });
        yield return ("RSA", () =>
        {
            RsaVerification.VerifyPkcs1<Sha256>(_modulus, _exponent, _text, _rsaSignature);
            RsaVerification.VerifyPss<Sha256>(_modulus, _exponent, _text, _rsaSignature);
        });
        yield return ("comparison", () => FixedTime.Equals(_text, _text));
    }

    public void Fill(Span<byte> destination) => destination.Fill(7);

    public void Dispose()
    {
        _gcm.Dispose();
        _portableGcm.Dispose();
        _ctr.Dispose();
        _cmac.Dispose();
        _wrap.Dispose();
        _portableWrap.Dispose();
        _chaCha.Dispose();
        _portableChaCha.Dispose();
        _ed25519.Dispose();
        _random.Dispose();
    }

    private void Seal(AesGcm cipher)
    {
        Span<byte> output = _output.AsSpan(0, _text.Length);
        cipher.Encrypt(_nonce, _text, output, _tag, _key);
        cipher.TryDecrypt(_nonce, output, _tag, output, _key);
    }

    private void Seal(ChaCha20Poly1305 cipher)
    {
        Span<byte> output = _output.AsSpan(0, _text.Length);
        cipher.Encrypt(_nonce, _text, output, _tag, _key);
        cipher.TryDecrypt(_nonce, output, _tag, output, _key);
    }

    private void Wrap(AesKeyWrap wrap)
    {
        wrap.Wrap(_key, _output.AsSpan(0, 40));
        wrap.TryUnwrap(_output.AsSpan(0, 40), _secret.AsSpan(0, 32));
        wrap.WrapPadded(_nonce, _output.AsSpan(0, 24));
        wrap.TryUnwrapPadded(_output.AsSpan(0, 24), _secret, out _);
    }

    private static byte[] Filled(int length, byte value)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
