import './ui/theme.css';
import { render } from 'solid-js/web';
import { App } from './app';
import { reloadForMissingScripts } from './browser/scripts';

reloadForMissingScripts();

const root = document.getElementById('root');
if (root) render(() => <App />, root);
