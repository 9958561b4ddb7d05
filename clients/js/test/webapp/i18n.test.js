import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import en from '../../../../src/Gateway/wwwroot/js/i18n/en.js';
import zh from '../../../../src/Gateway/wwwroot/js/i18n/zh.js';

test('both languages say the same things', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) {
    assert.equal(typeof zh[key], typeof en[key], key);
    if (typeof en[key] === 'function') assert.equal(zh[key].length, en[key].length, key);
    else assert.notEqual(zh[key].trim(), '', key);
  }
});

test('every text that the page asks for exists', async () => {
  const html = await readFile(new URL('../../../../src/Gateway/wwwroot/index.html', import.meta.url), 'utf8');
  const asked = [...html.matchAll(/data-t(?:-label|-hint)?="([^"]+)"/g)].map((m) => m[1]);
  assert.ok(asked.length > 10);
  for (const key of asked) assert.equal(typeof en[key], 'string', key);
});

test('the page has nothing that the content security policy forbids', async () => {
  const html = await readFile(new URL('../../../../src/Gateway/wwwroot/index.html', import.meta.url), 'utf8');
  assert.doesNotMatch(html, /\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)|https?:\/\//);
});
